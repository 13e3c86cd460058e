-- Stores the staged polygons of a published edition, repaired as boundaries are.
-- Tables: shapes (row_number, name, shape, flag). Parameters: edition, box (west, south, east, north
--   of the country, degrees).
-- Result: row_number and what is wrong with it ("" if nothing): missing, not_polygon, unreadable (by
--   the reader), beyond_world (no degrees), nothing_left, outside (not in the box), repaired.
-- Plan: one table
WITH looked AS MATERIALIZED (
    SELECT row_number, coalesce(left(btrim(name), 120), '') AS name, shape,
           CASE WHEN flag IS NOT NULL THEN flag
                WHEN shape IS NULL OR ST_IsEmpty(shape) THEN 'missing'
                WHEN ST_XMin(shape) < -180 OR ST_XMax(shape) > 180
                     OR ST_YMin(shape) < -90 OR ST_YMax(shape) > 90 THEN 'beyond_world'
                WHEN NOT shape && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
                THEN 'outside'
           END AS fault
      FROM {shapes}
), mended AS MATERIALIZED (
    SELECT row_number, name, ST_IsValid(shape) AS is_valid,
           CASE WHEN ST_IsValid(shape) THEN ST_Multi(shape)
                ELSE ST_Multi(ST_CollectionExtract(
                    ST_MakeValid(shape, 'method=structure keepcollapsed=false'), 3)) END AS area
      FROM looked
     WHERE fault IS NULL
), stored AS (
    INSERT INTO indicators_pocketarea
           (edition_id, number, name, area, area_km2, is_repaired, villages, middle_in)
    SELECT %(edition)s, row_number::text, name, area, ST_Area(area::geography) / 1e6, NOT is_valid,
           '{{}}', ''
      FROM mended
     WHERE NOT ST_IsEmpty(area)
    RETURNING number
)
SELECT l.row_number,
       coalesce(l.fault, CASE WHEN s.number IS NULL THEN 'nothing_left'
                              WHEN NOT m.is_valid THEN 'repaired' ELSE '' END) AS fault
  FROM looked AS l
  LEFT JOIN mended AS m ON m.row_number = l.row_number
  LEFT JOIN stored AS s ON s.number = l.row_number::text
 ORDER BY l.row_number
