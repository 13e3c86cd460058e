-- The cells of an edition that are pockets, as open features.
-- Parameters: edition; west, south, east, north (degrees); code ("" for all); most, skipped (rows).
-- Result: how many match, number, families and persons (rounded to fives), per_km2, GeoJSON.
WITH matched AS MATERIALIZED (
    SELECT a.*
      FROM indicators_pocketarea AS a
     WHERE a.edition_id = %(edition)s AND (%(code)s = '' OR a.number = %(code)s)
       AND a.area && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
), page AS (
    SELECT * FROM matched ORDER BY id LIMIT %(most)s OFFSET %(skipped)s
)
SELECT (SELECT count(*) FROM matched), number::text, families, persons, per_km2,
       ST_AsGeoJSON(area, 5)
  FROM page
 ORDER BY id
