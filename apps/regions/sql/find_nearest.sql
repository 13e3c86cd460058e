-- The village in force nearest to a point that lies in none.
-- Parameters: point (EWKB). Result: code, geodesic metres to its border; no row without boundaries.
SELECT code, distance_m FROM regions_nearest_village(%(point)s::geometry)
