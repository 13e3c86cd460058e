-- Stores the class of each village that the zones of an edition meet: the highest one that covers
-- any of it, the share of its area in that class, and in any.
-- Parameters: edition; least_share (of the area: less is a border that two sources draw
--   differently, no zone). Result: how many villages. Index: regions_boundary_place.
-- Zones are cut into pieces of 256 corners first. Shares are shares of planar degrees, which are
-- those of the area: a village is small.
-- Plan: by key
WITH piece AS MATERIALIZED (
    SELECT z.hazard_class, s.shape
      FROM commandcentre_zone AS z CROSS JOIN LATERAL ST_Subdivide(z.area, 256) AS s (shape)
     WHERE z.edition_id = %(edition)s
), met AS MATERIALIZED (
    SELECT b.region_id AS village_id, p.hazard_class,
           sum(CASE WHEN regions_area_covers(p.shape, b.boundary) THEN 1
                    ELSE ST_Area(ST_Intersection(p.shape, b.boundary))
                         / nullif(ST_Area(b.boundary), 0) END) AS share
      FROM piece AS p
      JOIN regions_boundary AS b ON b.is_current AND p.shape && b.boundary
           AND regions_areas_meet(p.shape, b.boundary)
      JOIN regions_region AS r ON r.code = b.region_id AND r.level = 'village'
     GROUP BY b.region_id, p.hazard_class
), covered AS (
    SELECT * FROM met WHERE share > %(least_share)s
), stored AS (
    INSERT INTO commandcentre_villagezone
           (edition_id, village_id, hazard_class, share_class, share_any)
    SELECT %(edition)s, village_id, max(hazard_class),
           least(1, coalesce((array_agg(share ORDER BY hazard_class DESC))[1], 0)),
           least(1, coalesce(sum(share), 0))
      FROM covered
     GROUP BY village_id
    RETURNING 1
)
SELECT count(*) FROM stored
