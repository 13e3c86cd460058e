-- One line of the ledger for each batch of which another quantity was counted than is on hand.
-- Parameters: now, actor, actor_name. Tables: given.
-- Result: lines that add, lines that take away.
-- Plan: by rows
WITH lines AS (
    INSERT INTO commandcentre_stockmovement (item_id, kind, quantity, purpose, at, actor,
                                             actor_name)
    SELECT s.id, CASE WHEN g.quantity > s.on_hand THEN 'receipt' ELSE 'loss' END,
           abs(g.quantity - s.on_hand), 'count', %(now)s, %(actor)s, %(actor_name)s
      FROM {given} AS g
      JOIN commandcentre_stockitem AS s
        ON s.facility_id = g.facility_id AND s.good_id = g.good_id
       AND s.batch_label = coalesce(g.batch_label, '')
       AND s.expiry_date IS NOT DISTINCT FROM g.expiry_date
     WHERE g.quantity <> s.on_hand
     ORDER BY s.id
    RETURNING kind
)
SELECT count(*) FILTER (WHERE kind = 'receipt'), count(*) FILTER (WHERE kind = 'loss') FROM lines
