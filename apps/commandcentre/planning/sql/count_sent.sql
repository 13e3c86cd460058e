-- Writes what a plan sends to each of its villages, by good; of what arrived only what was received.
-- Parameters: plan. Result: none. Index: commandcentre_need_once, commandcentre_shipment_once.
-- Plan: by rows
UPDATE commandcentre_planneed AS n
   SET sent = s.units
  FROM (SELECT k.id, coalesce(m.units, 0) AS units
          FROM commandcentre_planneed AS k
          LEFT JOIN (SELECT good_id, village_id,
                            sum(CASE WHEN status = 'received' THEN received_quantity
                                     ELSE quantity END) AS units
                       FROM commandcentre_shipment
                      WHERE plan_id = %(plan)s AND status <> 'cancelled'
                      GROUP BY good_id, village_id) AS m
            ON m.good_id = k.good_id AND m.village_id = k.village_id
         WHERE k.plan_id = %(plan)s) AS s
 WHERE n.id = s.id AND n.plan_id = %(plan)s AND n.sent <> s.units
