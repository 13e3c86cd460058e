-- The staged polygons as zones: one for each class, repaired, without what a higher class covers.
-- Tables: shapes (severity, shape, flag). Parameters: edition; values, classes (arrays of equal
--   length: the class of each value of the column).
-- Result: class and square kilometres of each stored zone.
-- Plan: one table
WITH class AS (
    SELECT * FROM unnest(%(values)s::text[], %(classes)s::smallint[]) AS c (severity, hazard_class)
), united AS MATERIALIZED (
    SELECT c.hazard_class,
           ST_UnaryUnion(ST_Collect(ST_CollectionExtract(ST_MakeValid(s.shape), 3))) AS area
      FROM {shapes} AS s
      JOIN class AS c ON c.severity = coalesce(s.severity, '')
     WHERE s.flag IS NULL
     GROUP BY c.hazard_class
), cut AS (
    SELECT u.hazard_class,
           ST_Multi(ST_CollectionExtract(
               CASE WHEN h.area IS NULL THEN u.area ELSE ST_Difference(u.area, h.area) END, 3))
               AS area
      FROM united AS u
      LEFT JOIN LATERAL (
           SELECT ST_Union(o.area) AS area FROM united AS o WHERE o.hazard_class > u.hazard_class
           ) AS h ON true
), stored AS (
    INSERT INTO commandcentre_zone (edition_id, hazard_class, area)
    SELECT %(edition)s, hazard_class, area FROM cut WHERE NOT ST_IsEmpty(area)
    RETURNING hazard_class, area
)
SELECT hazard_class, ST_Area(area::geography) / 1e6 AS area_km2 FROM stored ORDER BY hazard_class
