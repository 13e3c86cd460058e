-- What the map of a hazard draws under its villages: the outlines of regencies, and its bands.
-- Parameters: hazard, revision, regencies (their codes), detail (degrees: how far the drawn line of a
--   band may be from the true one).
-- Result: what (regency, band), code, name, severity, label, GeoJSON with five decimals (a metre).
WITH state AS (
    SELECT max(id) AS id FROM regions_shapeset WHERE ready_at IS NOT NULL
)
SELECT 'regency' AS what, s.code, s.name, NULL::float8 AS severity, '' AS label,
       ST_AsGeoJSON(ST_Transform(s.shape, 4326), 4) AS shape
  FROM regions_boundaryshape AS s, state
 WHERE s.level = 'regency' AND s.zoom = 8 AND s.since_id <= state.id
   AND (s.until_id IS NULL OR s.until_id > state.id)
   AND s.code = ANY (%(regencies)s)
UNION ALL
SELECT 'band', '', '', f.lower, f.label,
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(f.area, %(detail)s), 5)
  FROM commandcentre_footprint AS f
 WHERE f.hazard_id = %(hazard)s AND f.revision = %(revision)s
