-- What the shipments of a hazard give to each village, by good: reserved, under way, or delivered.
-- Delivered goods that are needed daily count for the whole days of their plan that are left, others
-- wholly.
-- Parameters: hazard, at (time), daily (codes of goods that are needed daily).
-- Result: village, good, units. Source: the plans of the hazard, also cancelled ones.
-- Index: commandcentre_shipment_once, by each plan of the hazard.
SELECT s.village_id, s.good_id,
       sum(CASE WHEN s.status <> 'received' THEN s.quantity
                WHEN g.code <> ALL (%(daily)s::text[]) THEN s.received_quantity
                ELSE s.received_quantity * greatest(
                     0, p.days - floor(extract(epoch FROM %(at)s - s.received_at) / 86400)::int
                     ) / p.days
           END)::bigint
  FROM commandcentre_plan AS p
  JOIN commandcentre_shipment AS s ON s.plan_id = p.id
  JOIN commandcentre_good AS g ON g.id = s.good_id
 WHERE p.hazard_id = %(hazard)s
   AND s.status IN ('reserved', 'dispatched', 'received')
 GROUP BY s.village_id, s.good_id
