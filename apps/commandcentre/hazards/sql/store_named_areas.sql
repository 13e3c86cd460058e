-- The polygons of some villages as the one footprint of a version of a hazard.
-- Parameters: hazard, revision, measure, method, severity, label; villages (codes).
-- Result: square kilometres; no row where none of them has a polygon. Index: that of
--   regions_boundary (region_id).
-- Plan: by key
INSERT INTO commandcentre_footprint
       (hazard_id, revision, measure, lower, upper, label, method, relation, area)
SELECT %(hazard)s, %(revision)s, %(measure)s, %(severity)s, NULL, %(label)s, %(method)s, '{}',
       ST_Multi(ST_CollectionExtract(ST_Union(b.boundary), 3))
  FROM regions_boundary AS b
 WHERE b.is_current AND b.region_id = ANY (%(villages)s)
HAVING count(*) > 0
RETURNING ST_Area(area::geography) / 1e6
