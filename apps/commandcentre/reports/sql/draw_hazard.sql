-- What the map of a hazard draws: its bands, the affected villages, the outlines of the regencies
-- around them.
-- Parameters: hazard, revision, assessment (0: none), prefixes (region codes, "" is the country),
--   detail (degrees: how far a drawn line may be from the true one), most (villages).
-- Result: what (regency, band, village), code, name, severity, persons, families, share, label,
--   GeoJSON with five decimals (a metre).
-- Villages beyond `most` are left out, those with the fewest persons first; the table has all.
-- Indexes: regions_boundary_one_current, commandcentre_affected_once.
WITH affected AS MATERIALIZED (
    SELECT a.village_id, a.severity, a.persons, a.families, a.share_area
      FROM commandcentre_affectedvillage AS a
     WHERE a.assessment_id = %(assessment)s
       AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p (prefix)
                    WHERE starts_with(a.village_id, p.prefix))
     ORDER BY a.persons DESC, a.village_id
     LIMIT %(most)s
), state AS (
    SELECT max(id) AS id FROM regions_shapeset WHERE ready_at IS NOT NULL
)
SELECT 'regency' AS what, s.code, s.name, NULL::float8 AS severity, NULL::int AS persons,
       NULL::int AS families, NULL::float8 AS share, '' AS label,
       ST_AsGeoJSON(ST_Transform(s.shape, 4326), 4) AS shape
  FROM regions_boundaryshape AS s, state
 WHERE s.level = 'regency' AND s.zoom = 8 AND s.since_id <= state.id
   AND (s.until_id IS NULL OR s.until_id > state.id)
   AND s.code IN (SELECT left(village_id, 5) FROM affected)
UNION ALL
SELECT 'band', '', '', f.lower, NULL, NULL, NULL, f.label,
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(f.area, %(detail)s), 5)
  FROM commandcentre_footprint AS f
 WHERE f.hazard_id = %(hazard)s AND f.revision = %(revision)s
UNION ALL
SELECT 'village', a.village_id, r.name, a.severity, a.persons, a.families, a.share_area, '',
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.boundary, %(detail)s), 5)
  FROM affected AS a
  JOIN regions_region AS r ON r.code = a.village_id
  JOIN regions_boundary AS b ON b.region_id = a.village_id AND b.is_current
