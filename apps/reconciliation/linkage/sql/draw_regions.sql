-- Purpose: outlines of regions that are made of villages, for a map that fills them.
-- Parameters: under (code prefix), length (of the regions' codes), most (villages; more draw nothing).
-- Result: one JSON array of GeoJSON features (WGS 84, four decimals: eleven metres), null when there
--   is none; simplified by 0.001 degrees, about 100 m, before the villages are put together.
-- Index: regions_boundary_one_current. Cost: 438 villages in 0.5 s.
WITH villages AS MATERIALIZED (
    SELECT left(b.region_id, %(length)s) AS code, e.name AS edition,
           ST_MakeValid(ST_SimplifyPreserveTopology(b.boundary, 0.001)) AS shape
      FROM regions_boundary b
      JOIN regions_boundaryedition e ON e.id = b.edition_id
     WHERE b.is_current AND starts_with(b.region_id, %(under)s)
     LIMIT %(most)s + 1
), regions AS (
    SELECT code, min(edition) AS edition, ST_Union(shape) AS shape
      FROM villages
     WHERE (SELECT count(*) FROM villages) <= %(most)s
     GROUP BY code
)
SELECT jsonb_agg(jsonb_build_object(
           'type', 'Feature',
           'properties', jsonb_build_object('code', v.code, 'name', r.name, 'edition', v.edition),
           'geometry', ST_AsGeoJSON(v.shape, 4)::jsonb)
           ORDER BY v.code)
  FROM regions v
  JOIN regions_region r ON r.code = v.code
