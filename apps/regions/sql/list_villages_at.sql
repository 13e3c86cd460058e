-- The villages in force that cover a point.
-- Parameters: point (EWKB). Result: code, in their order.
SELECT code FROM regions_villages_at(%(point)s::geometry) ORDER BY code
