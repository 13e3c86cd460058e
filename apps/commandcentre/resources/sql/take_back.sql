-- Takes back what was dispatched for some purposes and did not leave: for each batch a receipt, and
-- where asked its reservation anew. What came back already does not come a second time.
-- The caller holds the facilities' locks.
-- Parameters: purposes, is_reserved, at, actor, actor_name. Result: units by receipt.
-- Index: commandcentre_movement_purpose; movements by reservation and by batch. Each line meets the
-- ledger's trigger, the receipt of a batch before its reservation.
-- Plan: by key
WITH gone AS (
    SELECT r.item_id, r.purpose, sum(m.quantity) AS quantity
      FROM commandcentre_stockmovement AS r
      JOIN commandcentre_stockmovement AS m ON m.reservation_id = r.id AND m.kind = 'dispatch'
     WHERE r.kind = 'reservation' AND r.purpose = ANY (%(purposes)s)
     GROUP BY r.item_id, r.purpose
), back AS (
    SELECT g.item_id, g.purpose, g.quantity - coalesce((
               SELECT sum(b.quantity) FROM commandcentre_stockmovement AS b
                WHERE b.item_id = g.item_id AND b.kind = 'receipt' AND b.purpose = g.purpose), 0)
           AS quantity
      FROM gone AS g
), added AS (
    INSERT INTO commandcentre_stockmovement
        (item_id, kind, quantity, purpose, at, actor, actor_name)
    SELECT b.item_id, k.kind, b.quantity, b.purpose, %(at)s, %(actor)s, %(actor_name)s
      FROM back AS b
     CROSS JOIN (VALUES (1, 'receipt'), (2, 'reservation')) AS k (nth, kind)
     WHERE b.quantity > 0 AND (k.kind = 'receipt' OR %(is_reserved)s)
     ORDER BY b.item_id, b.purpose, k.nth
    RETURNING kind, quantity
)
SELECT quantity FROM added WHERE kind = 'receipt'
