-- Purpose: store how many questions work-lists have and how many are answered; close finished
--   lists.
-- Parameters: ids (bigint[]), totals (integer[]), done (integer[], of one length), now.
-- Locks: none of its own; the caller holds the lists.
-- Plan: by rows
UPDATE casework_worklist w
   SET total = c.total, done = c.done,
       closed_at = CASE WHEN c.done < c.total THEN NULL ELSE coalesce(w.closed_at, %(now)s) END
  FROM unnest(%(ids)s::bigint[], %(totals)s::integer[], %(done)s::integer[]) AS c (id, total, done)
 WHERE w.id = c.id
