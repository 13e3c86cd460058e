-- The area of a message as one footprint, repaired; nothing where no area remains.
-- Parameters: hazard, revision, wkt (degrees WGS 84), severity, label, measure, method.
-- Result: the id of the stored footprint.
-- Plan: by key
WITH drawn AS (
    SELECT ST_Multi(ST_CollectionExtract(
               ST_UnaryUnion(ST_MakeValid(ST_GeomFromText(%(wkt)s, 4326))), 3)) AS area
)
INSERT INTO commandcentre_footprint
       (hazard_id, revision, measure, lower, upper, label, method, relation, area)
SELECT %(hazard)s, %(revision)s, %(measure)s, %(severity)s, NULL, %(label)s, %(method)s, '{}', area
  FROM drawn
 WHERE NOT ST_IsEmpty(area)
RETURNING id
