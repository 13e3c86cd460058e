-- What the map of the differences draws: regencies, areas of both editions, villages.
-- Parameters: published, computed (numbers of editions), prefixes (of the user's regions, "" is the
--   country), region (a prefix, "" is everything), kinds (empty: all), detail (degrees: how far a
--   drawn line may be from the true one), most (villages, and areas of each edition), areas (whether
--   these and the regencies are wanted).
-- Result: what (regency, area, cell, village), code, name, kind, families, persons, counted, per_km2,
--   percent, answer, hidden (columns), GeoJSON with five decimals (a metre); one row `areas` says in
--   families how many areas and cells there are, in persons how many are drawn.
-- Villages beyond `most` are left out, those with the fewest shown families first, so that a hidden
-- number decides nothing; the table has all. An area is drawn where a point in its middle lies in a
-- village of the user's regions (`place_areas.sql`). The outlines are read of those that are drawn.
-- Indexes: regions_boundary_one_current, indicators_pocket_difference_once, indicators_pocket_area_once.
WITH village AS MATERIALIZED (
    SELECT d.*
      FROM indicators_pocketdifference AS d
     WHERE d.published_id = %(published)s AND d.computed_id = %(computed)s
       AND d.kind <> 'ended' AND starts_with(d.village_id, %(region)s)
       AND (cardinality(%(kinds)s::text[]) = 0 OR d.kind = ANY (%(kinds)s::text[]))
       AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p (prefix)
                    WHERE starts_with(d.village_id, p.prefix))
     ORDER BY CASE WHEN 'families' = ANY (d.hidden) THEN 0 ELSE d.families END DESC, d.village_id
     LIMIT %(most)s
), state AS (
    SELECT max(id) AS id FROM regions_shapeset WHERE ready_at IS NOT NULL
), area AS MATERIALIZED (
    SELECT a.id, row_number() OVER (PARTITION BY a.edition_id
                                    ORDER BY a.families DESC NULLS LAST, a.id) AS place
      FROM indicators_pocketarea AS a
     WHERE %(areas)s AND a.edition_id IN (%(published)s, %(computed)s)
       AND starts_with(a.middle_in, %(region)s)
       AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p (prefix)
                    WHERE starts_with(a.middle_in, p.prefix))
)
SELECT 'areas' AS what, '' AS code, '' AS name, '' AS kind, count(*)::int AS families,
       count(*) FILTER (WHERE place <= %(most)s)::int AS persons, NULL::int AS counted,
       NULL::float8 AS per_km2, NULL::float8 AS percent, '' AS answer, NULL::text[] AS hidden,
       NULL AS shape
  FROM area
UNION ALL
SELECT 'regency', s.code::text, s.name::text, '' AS kind, NULL::int AS families,
       NULL::int AS persons, NULL::int AS counted, NULL::float8 AS per_km2, NULL::float8 AS percent,
       '' AS answer, NULL::text[] AS hidden,
       ST_AsGeoJSON(ST_Transform(s.shape, 4326), 4) AS shape
  FROM regions_boundaryshape AS s, state
 WHERE %(areas)s AND s.level = 'regency' AND s.zoom = 8 AND s.since_id <= state.id
   AND (s.until_id IS NULL OR s.until_id > state.id)
   AND s.code IN (SELECT left(village_id, 5) FROM village)
UNION ALL
SELECT 'village', v.village_id, r.name, v.kind, v.families, v.persons, v.counted, v.per_km2,
       v.percent, v.answer, v.hidden::text[],
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.boundary, %(detail)s), 5)
  FROM village AS v
  JOIN regions_region AS r ON r.code = v.village_id
  LEFT JOIN regions_boundary AS b ON b.region_id = v.village_id AND b.is_current
UNION ALL
SELECT CASE WHEN a.edition_id = %(computed)s THEN 'cell' ELSE 'area' END, a.number, a.name, '',
       a.families, a.persons, NULL, a.per_km2, NULL, '', NULL,
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(a.area, %(detail)s), 5)
  FROM area AS d
  JOIN indicators_pocketarea AS a ON a.id = d.id
 WHERE d.place <= %(most)s
