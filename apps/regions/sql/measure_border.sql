-- How far a point is from the border of a region in force.
-- Parameters: region, point (EWKB). Result: geodesic metres; no row without a polygon.
SELECT regions_border_distance_m(boundary, %(point)s::geometry)
  FROM regions_boundary
 WHERE region_id = %(region)s AND is_current
