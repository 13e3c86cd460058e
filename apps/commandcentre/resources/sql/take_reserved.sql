-- Dispatches or releases what is left of the reservations for some purposes.
-- The caller holds the facilities' locks.
-- Parameters: kind (dispatch, release), purposes, at, actor, actor_name. Result: units by line.
-- Index: commandcentre_movement_purpose. Each line meets the ledger's trigger.
-- Plan: by key
INSERT INTO commandcentre_stockmovement
    (item_id, kind, quantity, reservation_id, purpose, at, actor, actor_name)
SELECT r.item_id, %(kind)s, r.quantity - t.taken, r.id, r.purpose, %(at)s, %(actor)s, %(actor_name)s
  FROM commandcentre_stockmovement AS r
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(m.quantity), 0) AS taken FROM commandcentre_stockmovement AS m
        WHERE m.reservation_id = r.id) AS t
 WHERE r.kind = 'reservation' AND r.purpose = ANY (%(purposes)s) AND r.quantity > t.taken
 ORDER BY r.item_id, r.id
RETURNING quantity
