-- Writes what each source of a plan carries, in kilograms.
-- Parameters: plan; codes, kg (weight of a unit by the good's code, equally long), other_kg (of a
-- good without a weight). Result: none. Index: commandcentre_shipment_once.
-- Plan: by rows
UPDATE commandcentre_plansource AS s
   SET load_kg = f.kg
  FROM (SELECT p.id, coalesce(m.kg, 0) AS kg
          FROM commandcentre_plansource AS p
          LEFT JOIN (SELECT t.facility_id, sum(t.quantity * coalesce(w.kg, %(other_kg)s)) AS kg
                       FROM commandcentre_shipment AS t
                       JOIN commandcentre_good AS g ON g.id = t.good_id
                       LEFT JOIN unnest(%(codes)s::text[], %(kg)s::float8[]) AS w (code, kg)
                         ON w.code = g.code
                      WHERE t.plan_id = %(plan)s AND t.status <> 'cancelled'
                      GROUP BY t.facility_id) AS m USING (facility_id)
         WHERE p.plan_id = %(plan)s) AS f
 WHERE s.id = f.id AND s.plan_id = %(plan)s
