-- Whether an area meets any village of the boundaries in force.
-- Parameters: wkt (degrees WGS 84). Result: one row, true or false.
-- Index: regions_boundary_place.
SELECT EXISTS (
    SELECT FROM regions_boundary AS b
      JOIN regions_region AS r ON r.code = b.region_id AND r.level = 'village'
     WHERE b.is_current AND b.boundary && ST_GeomFromText(%(wkt)s, 4326)
       AND regions_areas_meet(ST_GeomFromText(%(wkt)s, 4326), b.boundary))
