-- The needs of a plan of which other plans give another number of units than it has noted: reserved,
-- under way, or delivered, at most what is needed. Plans of its own event, also cancelled ones; where
-- asked also those of other events of the same status (an exercise is none of what happened).
-- Delivered goods that are needed daily count for the whole days of their plan that were left when
-- this plan was made; others wholly, of another event only within the days of their plan.
-- Parameters: plan, daily (codes of goods that are needed daily), with_others, since_days (plans of
-- other events that were made longer before this one do not count).
-- Result: need (id), good (id), units as noted, units now.
-- Index: commandcentre_shipment_once, by each of these plans; commandcentre_need_once.
WITH own AS (
    SELECT p.id, p.hazard_id, p.made_at, h.status
      FROM commandcentre_plan AS p
      JOIN commandcentre_hazard AS h ON h.id = p.hazard_id
     WHERE p.id = %(plan)s
), giver AS (
    SELECT p.id, p.days, own.made_at, p.hazard_id = own.hazard_id AS is_own
      FROM own
      JOIN commandcentre_plan AS p ON p.id <> own.id
      JOIN commandcentre_hazard AS h ON h.id = p.hazard_id
     WHERE p.hazard_id = own.hazard_id
        OR (%(with_others)s AND h.status IN (own.status, 'cancelled')
            AND p.made_at >= own.made_at - make_interval(days => %(since_days)s))
), given AS (
    SELECT s.village_id, s.good_id,
           sum(CASE WHEN s.status <> 'received' THEN s.quantity
                    WHEN g.code = ANY (%(daily)s::text[])
                    THEN s.received_quantity * least(p.days, greatest(
                         0, p.days - floor(extract(epoch FROM p.made_at - s.received_at) / 86400
                                          )::int)) / p.days
                    WHEN p.is_own OR p.made_at < s.received_at + make_interval(days => p.days)
                    THEN s.received_quantity
                    ELSE 0
               END)::bigint AS units
      FROM giver AS p
      JOIN commandcentre_shipment AS s ON s.plan_id = p.id
      JOIN commandcentre_good AS g ON g.id = s.good_id
     WHERE s.status IN ('reserved', 'dispatched', 'received')
     GROUP BY s.village_id, s.good_id
), compared AS (
    SELECT n.id, n.good_id, n.given AS noted,
           least(n.quantity + n.given, coalesce(g.units, 0)) AS now
      FROM commandcentre_planneed AS n
      LEFT JOIN given AS g USING (village_id, good_id)
     WHERE n.plan_id = %(plan)s
)
SELECT id, good_id, noted, now FROM compared WHERE now <> noted ORDER BY id
