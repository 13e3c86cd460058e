-- Purpose: the end of the line on the map from a point to the border of the claimed village.
-- Parameters: point (hexadecimal EWKB, WGS 84), region (dotted village code).
-- Result: longitude, latitude of the nearest place on the border in force; no row without a border
--   or for a point inside. The nearest place is planar, in degrees: a drawing, not a measurement.
-- Index: regions_boundary_one_current (region_id where is_current). Cost: one polygon.
WITH nearest AS (
    SELECT ST_ClosestPoint(ST_Boundary(b.boundary), p.point) AS place
      FROM regions_boundary b, (SELECT %(point)s::geometry AS point) p
     WHERE b.is_current AND b.region_id = %(region)s AND NOT ST_Covers(b.boundary, p.point)
)
SELECT ST_X(place), ST_Y(place) FROM nearest
