-- The villages at some points.
-- Parameters: longitudes, latitudes (degrees WGS 84, equally long).
-- Result: number of the point (from 1), code. Index: regions_boundary_place.
SELECT u.nth, v.code
  FROM unnest(%(longitudes)s::float8[], %(latitudes)s::float8[]) WITH ORDINALITY
       AS u (longitude, latitude, nth)
 CROSS JOIN LATERAL regions_villages_at(
       ST_SetSRID(ST_MakePoint(u.longitude, u.latitude), 4326)) AS v (code)
 ORDER BY 1, 2
