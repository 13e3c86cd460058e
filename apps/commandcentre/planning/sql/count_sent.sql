-- Writes what a plan sends to each of its villages, by good.
-- Parameters: plan. Result: none. Index: commandcentre_need_once, commandcentre_shipment_once.
-- Plan: by key
UPDATE commandcentre_planneed AS n
   SET sent = coalesce((
       SELECT sum(m.quantity) FROM commandcentre_shipment AS m
        WHERE m.plan_id = n.plan_id AND m.good_id = n.good_id AND m.village_id = n.village_id
          AND m.status <> 'cancelled'), 0)
 WHERE n.plan_id = %(plan)s
