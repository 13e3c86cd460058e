-- What facilities in use can give of goods now. The caller holds the facilities' locks.
-- Parameters: facilities, goods (equally long), today. Result: facility, good, usable units; pairs
-- without any are left out. Index: commandcentre_stock_of_good.
SELECT i.facility_id, i.good_id, sum(i.on_hand - i.reserved)::bigint
  FROM commandcentre_stockitem AS i
  JOIN (SELECT DISTINCT facility_id, good_id
          FROM unnest(%(facilities)s::bigint[], %(goods)s::bigint[]) AS u (facility_id, good_id)
       ) AS w USING (facility_id, good_id)
  JOIN commandcentre_facility AS f ON f.id = i.facility_id AND f.is_active
 WHERE i.on_hand > i.reserved AND (i.expiry_date IS NULL OR i.expiry_date >= %(today)s)
 GROUP BY i.facility_id, i.good_id
