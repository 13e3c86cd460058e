-- The areas of a message as footprints: one for each severity, repaired, without what a greater one
-- covers; nothing where no area remains.
-- Parameters: hazard, revision; wkts (degrees WGS 84), severities, labels (arrays of equal length);
--   measure, method.
-- Result: the ids of the stored footprints.
-- Plan: one table
WITH united AS MATERIALIZED (
    SELECT a.severity, left(string_agg(DISTINCT a.label, ' / '), 60) AS label,
           ST_UnaryUnion(ST_Collect(
               ST_CollectionExtract(ST_MakeValid(ST_GeomFromText(a.wkt, 4326)), 3))) AS area
      FROM unnest(%(wkts)s::text[], %(severities)s::float8[], %(labels)s::text[])
           AS a (wkt, severity, label)
     GROUP BY a.severity
), cut AS (
    SELECT u.severity, u.label,
           ST_Multi(ST_CollectionExtract(
               CASE WHEN h.area IS NULL THEN u.area ELSE ST_Difference(u.area, h.area) END, 3))
               AS area
      FROM united AS u
      LEFT JOIN LATERAL (
           SELECT ST_Union(o.area) AS area FROM united AS o WHERE o.severity > u.severity
           ) AS h ON true
)
INSERT INTO commandcentre_footprint
       (hazard_id, revision, measure, lower, upper, label, method, relation, area)
SELECT %(hazard)s, %(revision)s, %(measure)s, severity, NULL, label, %(method)s, '{}', area
  FROM cut
 WHERE NOT ST_IsEmpty(area)
RETURNING id
