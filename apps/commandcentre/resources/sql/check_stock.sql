-- Doubts about counted stock.
-- Parameters: today, counted_at (time). Tables: given (row_number, facility_id, good_id, batch_label, expiry_date,
--   quantity). Result: row_number, code of resources/messages.py, params (jsonb).
-- Index: commandcentre_stockmovement by item.
WITH keyed AS (
    SELECT g.*, first_value(g.row_number) OVER (
               PARTITION BY g.facility_id, g.good_id, g.batch_label, g.expiry_date
                   ORDER BY g.row_number
           ) AS first, coalesce(s.reserved, 0) AS reserved, m.lines AS moved, m.last_at
      FROM {given} AS g
      LEFT JOIN commandcentre_stockitem AS s
        ON s.facility_id = g.facility_id AND s.good_id = g.good_id
       AND s.batch_label = coalesce(g.batch_label, '')
       AND s.expiry_date IS NOT DISTINCT FROM g.expiry_date
      LEFT JOIN LATERAL (
           SELECT count(*) AS lines, max(at) AS last_at FROM commandcentre_stockmovement
            WHERE item_id = s.id AND at > %(counted_at)s
              AND kind IN ('receipt', 'dispatch', 'loss')) AS m ON s.on_hand <> g.quantity
)
SELECT k.row_number, d.code, d.params
  FROM keyed AS k
 CROSS JOIN LATERAL (VALUES
           ('stock_twice', k.first < k.row_number, jsonb_build_object('other_row', k.first)),
           ('stock_moved_since', k.moved > 0 AND k.first = k.row_number,
            jsonb_build_object('count', k.moved, 'at', to_char(
                k.last_at AT TIME ZONE 'Asia/Jakarta', 'DD-MM-YYYY HH24.MI'))),
           ('stock_below_reserved', k.quantity < k.reserved AND k.first = k.row_number,
            jsonb_build_object('quantity', k.quantity, 'reserved', k.reserved)),
           ('stock_expired', k.expiry_date < %(today)s AND k.first = k.row_number,
            jsonb_build_object('expiry', k.expiry_date))
       ) AS d (code, holds, params)
 WHERE d.holds
 ORDER BY k.row_number
