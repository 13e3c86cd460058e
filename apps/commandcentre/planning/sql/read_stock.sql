-- What the active facilities can give of the goods that a plan needs; those that an operator left
-- out of it give nothing.
-- Parameters: plan. Result: good, facility, units. Source: the view commandcentre_usable_stock.
SELECT u.good_id, u.facility_id, u.quantity
  FROM commandcentre_usable_stock AS u
  JOIN commandcentre_facility AS f ON f.id = u.facility_id AND f.is_active
 WHERE u.good_id IN (SELECT DISTINCT good_id FROM commandcentre_planneed WHERE plan_id = %(plan)s)
   AND NOT EXISTS (SELECT 1
                     FROM commandcentre_plansource AS s
                    WHERE s.plan_id = %(plan)s AND s.facility_id = u.facility_id AND s.is_excluded)
 ORDER BY u.good_id, u.facility_id
