-- The first facility that cannot give what is asked of it. The caller holds the facilities' locks.
-- Parameters: facilities, goods, quantities (equally long), today. Result: no row, or one: facility,
-- good, asked, usable. Index: commandcentre_stock_of_good.
SELECT w.facility_id, w.good_id, w.asked, coalesce(u.usable, 0)
  FROM (SELECT facility_id, good_id, sum(quantity)::bigint AS asked
          FROM unnest(%(facilities)s::bigint[], %(goods)s::bigint[], %(quantities)s::bigint[])
               AS u (facility_id, good_id, quantity)
         GROUP BY facility_id, good_id) AS w
  LEFT JOIN LATERAL (
       SELECT sum(i.on_hand - i.reserved)::bigint AS usable FROM commandcentre_stockitem AS i
        WHERE i.good_id = w.good_id AND i.facility_id = w.facility_id AND i.on_hand > i.reserved
          AND (i.expiry_date IS NULL OR i.expiry_date >= %(today)s)) AS u ON true
 WHERE w.asked > coalesce(u.usable, 0)
 ORDER BY w.facility_id, w.good_id
 LIMIT 1
