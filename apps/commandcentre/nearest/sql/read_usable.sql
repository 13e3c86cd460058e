-- What facilities can give of some goods.
-- Parameters: goods (codes). Result: facility, code of the good, units.
SELECT u.facility_id, g.code, u.quantity
  FROM commandcentre_usable_stock AS u
  JOIN commandcentre_good AS g ON g.id = u.good_id AND g.code = ANY (%(goods)s)
