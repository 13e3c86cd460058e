-- Purpose: outlines of villages for the map above a list, small enough for a slow line.
-- Parameters: codes text[] (dotted village codes).
-- Result: one JSON array of GeoJSON features (WGS 84, five decimals: about a metre); simplified by
--   0.0002 degrees, about 20 m, which the map's sentence "not a legal reference" covers.
-- Index: regions_boundary_one_current (region_id where is_current).
SELECT jsonb_agg(jsonb_build_object(
           'type', 'Feature',
           'properties', jsonb_build_object('code', r.code, 'name', r.name, 'edition', e.name),
           'geometry', ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.boundary, 0.0002), 5)::jsonb)
           ORDER BY r.code)
  FROM regions_boundary b
  JOIN regions_region r ON r.code = b.region_id
  JOIN regions_boundaryedition e ON e.id = b.edition_id
 WHERE b.is_current AND b.region_id = ANY(%(codes)s)
