-- What the map of a hazard draws: its bands, the affected villages, the outlines of the regencies
-- around them. It has no count of people: which of them a reader may see is not decided here.
-- Parameters: hazard, revision, villages (their codes), detail (degrees: how far a drawn line may be
--   from the true one).
-- Result: what (regency, band, village), code, name, severity, label, GeoJSON with five decimals (a
--   metre).
-- Indexes: regions_boundary_one_current.
WITH state AS (
    SELECT max(id) AS id FROM regions_shapeset WHERE ready_at IS NOT NULL
)
SELECT 'regency' AS what, s.code, s.name, NULL::float8 AS severity, '' AS label,
       ST_AsGeoJSON(ST_Transform(s.shape, 4326), 4) AS shape
  FROM regions_boundaryshape AS s, state
 WHERE s.level = 'regency' AND s.zoom = 8 AND s.since_id <= state.id
   AND (s.until_id IS NULL OR s.until_id > state.id)
   AND s.code IN (SELECT left(v.code, 5) FROM unnest(%(villages)s::text[]) AS v (code))
UNION ALL
SELECT 'band', '', '', f.lower, f.label,
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(f.area, %(detail)s), 5)
  FROM commandcentre_footprint AS f
 WHERE f.hazard_id = %(hazard)s AND f.revision = %(revision)s
UNION ALL
SELECT 'village', b.region_id, '', NULL, '',
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.boundary, %(detail)s), 5)
  FROM unnest(%(villages)s::text[]) AS v (code)
  JOIN regions_boundary AS b ON b.region_id = v.code AND b.is_current
