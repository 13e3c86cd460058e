-- The staged polygons as footprints: one for each band, repaired, without what a higher band covers.
-- Tables: shapes (severity, shape, flag). Parameters: hazard, revision, measure, method; values,
--   lowers, uppers, labels (arrays of equal length: the band of each value of the column).
-- Result: label, lower, upper and square kilometres of each stored footprint.
-- Plan: one table
WITH band AS (
    SELECT *
      FROM unnest(%(values)s::text[], %(lowers)s::float8[], %(uppers)s::float8[],
                  %(labels)s::text[]) AS b (severity, lower, upper, label)
), united AS MATERIALIZED (
    SELECT b.lower, max(b.upper) AS upper, string_agg(DISTINCT b.label, ' / ') AS label,
           ST_UnaryUnion(ST_Collect(ST_CollectionExtract(ST_MakeValid(s.shape), 3))) AS area
      FROM {shapes} AS s
      JOIN band AS b ON b.severity = coalesce(s.severity, '')
     WHERE s.flag IS NULL
     GROUP BY b.lower
), cut AS (
    SELECT u.lower, u.upper, u.label,
           ST_Multi(ST_CollectionExtract(
               CASE WHEN h.area IS NULL THEN u.area ELSE ST_Difference(u.area, h.area) END, 3))
               AS area
      FROM united AS u
      LEFT JOIN LATERAL (
           SELECT ST_Union(o.area) AS area FROM united AS o WHERE o.lower > u.lower
           ) AS h ON true
), stored AS (
    INSERT INTO commandcentre_footprint
           (hazard_id, revision, measure, lower, upper, label, method, relation, area)
    SELECT %(hazard)s, %(revision)s, %(measure)s, lower, upper, label, %(method)s, '{{}}', area
      FROM cut
     WHERE NOT ST_IsEmpty(area)
    RETURNING label, lower, upper, area
)
SELECT label, lower, upper, ST_Area(area::geography) / 1e6 AS area_km2 FROM stored ORDER BY lower
