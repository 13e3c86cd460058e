-- The needs of a plan of which the other plans of its hazard give another number of units than it
-- has noted: reserved, under way, or delivered, at most what is needed.
-- Delivered goods that are needed daily count for the whole days of their plan that were left when
-- this plan was made, others wholly.
-- Parameters: plan, daily (codes of goods that are needed daily).
-- Result: need (id), units as noted, units now. Source: the plans of the hazard, also cancelled ones.
-- Index: commandcentre_shipment_once, by each plan of the hazard; commandcentre_need_once.
WITH own AS (
    SELECT id, hazard_id, made_at FROM commandcentre_plan WHERE id = %(plan)s
), given AS (
    SELECT s.village_id, s.good_id,
           sum(CASE WHEN s.status <> 'received' THEN s.quantity
                    WHEN g.code <> ALL (%(daily)s::text[]) THEN s.received_quantity
                    ELSE s.received_quantity * least(p.days, greatest(
                         0, p.days - floor(extract(epoch FROM own.made_at - s.received_at) / 86400
                                          )::int)) / p.days
               END)::bigint AS units
      FROM own
      JOIN commandcentre_plan AS p ON p.hazard_id = own.hazard_id AND p.id <> own.id
      JOIN commandcentre_shipment AS s ON s.plan_id = p.id
      JOIN commandcentre_good AS g ON g.id = s.good_id
     WHERE s.status IN ('reserved', 'dispatched', 'received')
     GROUP BY s.village_id, s.good_id
), compared AS (
    SELECT n.id, n.given AS noted, least(n.quantity + n.given, coalesce(g.units, 0)) AS now
      FROM commandcentre_planneed AS n
      LEFT JOIN given AS g USING (village_id, good_id)
     WHERE n.plan_id = %(plan)s
)
SELECT id, noted, now FROM compared WHERE now <> noted ORDER BY id
