-- Stores the villages that the areas of a published edition cover for at least a share.
-- Parameters: edition, least_share (0 to 1).
-- Result: villages stored, villages met with a smaller share, names of their boundary editions, and
--   the numbers of the areas that meet no village.
-- Areas of one village are united before they are measured: they may overlap. Shares are of planar
-- degrees, which are those of the area, because a village is small.
-- Indexes: regions_boundary_place.
-- Plan: by key
WITH met AS MATERIALIZED (
    SELECT b.region_id AS village_id, b.edition_id, a.id AS area_id,
           regions_area_covers(a.area, b.boundary) AS is_inside
      FROM indicators_pocketarea AS a
      JOIN regions_boundary AS b ON b.is_current AND a.area && b.boundary
           AND regions_areas_meet(a.area, b.boundary)
      JOIN regions_region AS r ON r.code = b.region_id AND r.level = 'village'
     WHERE a.edition_id = %(edition)s
), grouped AS MATERIALIZED (
    SELECT village_id, min(edition_id) AS boundary_edition_id, bool_or(is_inside) AS is_inside,
           array_agg(area_id) AS areas
      FROM met
     GROUP BY village_id
), village AS MATERIALIZED (
    SELECT g.village_id, g.boundary_edition_id,
           CASE WHEN g.is_inside THEN 1 ELSE cut.share END AS share
      FROM grouped AS g
      LEFT JOIN LATERAL (
           SELECT ST_Area(ST_Intersection(u.united, b.boundary))
                  / nullif(ST_Area(b.boundary), 0) AS share
             FROM regions_boundary AS b
            CROSS JOIN (SELECT ST_Union(a.area) AS united
                          FROM indicators_pocketarea AS a WHERE a.id = ANY (g.areas)) AS u
            WHERE b.region_id = g.village_id AND b.is_current
           ) AS cut ON NOT g.is_inside
), stored AS (
    INSERT INTO indicators_pocketvillage
           (edition_id, village_id, is_pocket, share_area, families, persons, counted, enrolled,
            proposed, located, inside, near_border, enrolled_persons, enrolled_families,
            hidden)
    SELECT %(edition)s, village_id, true, least(share, 1), 0, 0, 0, 0, 0, 0, 0, 0, '{}', '{}', '{}'
      FROM village
     WHERE share >= %(least_share)s
    RETURNING village_id
)
SELECT (SELECT count(*) FROM stored) AS villages,
       (SELECT count(*) FROM village WHERE coalesce(share, 0) < %(least_share)s) AS left_out,
       ARRAY(SELECT name::text FROM regions_boundaryedition
              WHERE id IN (SELECT boundary_edition_id FROM village) ORDER BY name) AS boundaries,
       ARRAY(SELECT number::text FROM indicators_pocketarea
              WHERE edition_id = %(edition)s AND id NOT IN (SELECT area_id FROM met)
              ORDER BY id) AS nowhere
