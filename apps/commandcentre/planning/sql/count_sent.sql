-- Writes what a plan sends to each of its villages, by good; of what arrived only what was received.
-- Parameters: plan. Result: none. Index: commandcentre_need_once, commandcentre_shipment_once.
-- Plan: by key
UPDATE commandcentre_planneed AS n
   SET sent = s.units
  FROM (SELECT k.id,
               coalesce(sum(CASE WHEN m.status = 'received' THEN m.received_quantity
                                 ELSE m.quantity END), 0) AS units
          FROM commandcentre_planneed AS k
          LEFT JOIN commandcentre_shipment AS m
            ON m.plan_id = k.plan_id AND m.good_id = k.good_id AND m.village_id = k.village_id
           AND m.status <> 'cancelled'
         WHERE k.plan_id = %(plan)s
         GROUP BY k.id) AS s
 WHERE n.id = s.id AND n.plan_id = %(plan)s AND n.sent <> s.units
