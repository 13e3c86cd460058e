-- Purpose: outlines of districts, regencies or provinces for a map above a list whose villages are
--   too many, for browsers without WebGL2.
-- Parameters: codes text[] (of one level), zoom (lowest zoom of the outlines).
-- Result: one JSON array of GeoJSON features (WGS 84, four decimals: about eleven metres, finer
--   than the outlines).
-- Index: regions_boundaryshape_once (code, zoom, since).
SELECT jsonb_agg(jsonb_build_object(
           'type', 'Feature',
           'properties', jsonb_build_object('code', s.code, 'name', s.name),
           'geometry', ST_AsGeoJSON(ST_Transform(s.shape, 4326), 4)::jsonb)
           ORDER BY s.code)
  FROM regions_boundaryshape s
 WHERE s.code = ANY(%(codes)s) AND s.zoom = %(zoom)s AND s.until_id IS NULL
   AND s.since_id IN (SELECT id FROM regions_shapeset WHERE ready_at IS NOT NULL)
