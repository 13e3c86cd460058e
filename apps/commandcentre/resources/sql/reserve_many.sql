-- Promises stock for many purposes at once: of each facility and good the batches that expire first
-- before the others, as `stock_ledger.reserve` does for one. Asked units and free units are both
-- laid out on a line; where two pieces overlap is a reservation.
-- The caller holds the facilities' locks and has seen that all of it is there (read_free).
-- Parameters: facilities, goods, quantities, purposes (equally long), today, at, actor, actor_name.
-- Result: none. Index: commandcentre_stock_of_good. Each line meets the ledger's trigger.
-- Plan: by key
WITH wanted AS (
    SELECT facility_id, good_id, purpose,
           sum(quantity) OVER line - quantity AS low, sum(quantity) OVER line AS high
      FROM unnest(%(facilities)s::bigint[], %(goods)s::bigint[], %(quantities)s::bigint[],
                  %(purposes)s::text[]) WITH ORDINALITY
           AS u (facility_id, good_id, quantity, purpose, nth)
    WINDOW line AS (PARTITION BY facility_id, good_id ORDER BY nth)
), free AS (
    SELECT id, facility_id, good_id,
           sum(on_hand - reserved) OVER line - (on_hand - reserved) AS low,
           sum(on_hand - reserved) OVER line AS high
      FROM commandcentre_stockitem
     WHERE on_hand > reserved AND (expiry_date IS NULL OR expiry_date >= %(today)s)
       AND good_id = ANY (%(goods)s) AND facility_id = ANY (%(facilities)s)
    WINDOW line AS (PARTITION BY facility_id, good_id ORDER BY expiry_date NULLS LAST, id)
)
INSERT INTO commandcentre_stockmovement (item_id, kind, quantity, purpose, at, actor, actor_name)
SELECT f.id, 'reservation', least(w.high, f.high) - greatest(w.low, f.low), w.purpose, %(at)s,
       %(actor)s, %(actor_name)s
  FROM wanted AS w
  JOIN free AS f USING (facility_id, good_id)
 WHERE least(w.high, f.high) > greatest(w.low, f.low)
 ORDER BY f.id
