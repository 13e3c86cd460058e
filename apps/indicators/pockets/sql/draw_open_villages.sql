-- The villages of an edition that are pockets, with their outlines, as open features.
-- Parameters: edition; west, south, east, north (degrees); code ("" for all); most, skipped (rows).
-- Result: how many match, code, name, regency, families, persons, counted, per_km2, percent, hidden (columns),
--   GeoJSON
--   (within 30 m, five decimals).
-- A village without a boundary is met by every box, because it has no place. One of which the register
-- does not say whether it is a pocket (null) is not among them.
WITH matched AS MATERIALIZED (
    SELECT v.*, b.boundary
      FROM indicators_pocketvillage AS v
      LEFT JOIN regions_boundary AS b ON b.region_id = v.village_id AND b.is_current
     WHERE v.edition_id = %(edition)s AND v.is_pocket
       AND (%(code)s = '' OR v.village_id = %(code)s)
       AND (b.boundary IS NULL OR ST_Intersects(
            b.boundary, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)))
), page AS (
    SELECT * FROM matched ORDER BY village_id LIMIT %(most)s OFFSET %(skipped)s
)
SELECT (SELECT count(*) FROM matched), p.village_id::text, r.name::text, g.name::text,
       p.families, p.persons, p.counted, p.per_km2, p.percent, p.hidden::text[],
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(p.boundary, 0.0003), 5)
  FROM page AS p
  JOIN regions_region AS r ON r.code = p.village_id
  LEFT JOIN regions_region AS g ON g.code = left(p.village_id, 5)
 ORDER BY p.village_id
