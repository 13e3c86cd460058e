-- What decides between facilities that have enough: the last usable day of the batch of some goods
-- that expires first (null: all keep), and when their stock of these goods came, left or was counted
-- otherwise. A reservation tells nothing of what is on the shelf.
-- Parameters: facilities, goods (codes), today. Result: facility, day, time.
-- Index: commandcentre_stock_of_good, the ledger's by item.
SELECT i.facility_id,
       min(i.expiry_date) FILTER (WHERE i.on_hand > i.reserved AND i.expiry_date >= %(today)s),
       max(m.at)
  FROM commandcentre_stockitem AS i
  JOIN commandcentre_good AS g ON g.id = i.good_id AND g.code = ANY (%(goods)s)
 CROSS JOIN LATERAL (
       SELECT max(l.at) AS at FROM commandcentre_stockmovement AS l
        WHERE l.item_id = i.id AND l.kind IN ('receipt', 'dispatch', 'loss')) AS m
 WHERE i.facility_id = ANY (%(facilities)s)
 GROUP BY i.facility_id
