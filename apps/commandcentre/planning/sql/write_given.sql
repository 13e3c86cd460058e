-- Notes what other plans give of some needs; the rest is what the plan has to send. What it sends is
-- counted afterwards (count_sent).
-- Parameters: needs (ids), units (equally long). Result: none. Index: the primary key.
-- Plan: by key
UPDATE commandcentre_planneed AS n
   SET quantity = n.quantity + n.given - u.units, given = u.units, sent = 0
  FROM unnest(%(needs)s::bigint[], %(units)s::bigint[]) AS u (id, units)
 WHERE n.id = u.id
