-- Writes what each source of a plan carries, in kilograms.
-- Parameters: plan; codes, kg (weight of a unit by the good's code, equally long), other_kg (of a
-- good without a weight). Result: none. Index: commandcentre_shipment_once.
-- Plan: by key
UPDATE commandcentre_plansource AS s
   SET load_kg = coalesce((
       SELECT sum(m.quantity * coalesce(w.kg, %(other_kg)s))
         FROM commandcentre_shipment AS m
         JOIN commandcentre_good AS g ON g.id = m.good_id
         LEFT JOIN unnest(%(codes)s::text[], %(kg)s::float8[]) AS w (code, kg) ON w.code = g.code
        WHERE m.plan_id = s.plan_id AND m.facility_id = s.facility_id AND m.status <> 'cancelled'
       ), 0)
 WHERE s.plan_id = %(plan)s
