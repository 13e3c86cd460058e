-- What the active facilities can give of the goods that a plan needs.
-- Parameters: plan. Result: good, facility, units. Source: the view commandcentre_usable_stock.
SELECT u.good_id, u.facility_id, u.quantity
  FROM commandcentre_usable_stock AS u
  JOIN commandcentre_facility AS f ON f.id = u.facility_id AND f.is_active
 WHERE u.good_id IN (SELECT DISTINCT good_id FROM commandcentre_planneed WHERE plan_id = %(plan)s)
 ORDER BY u.good_id, u.facility_id
