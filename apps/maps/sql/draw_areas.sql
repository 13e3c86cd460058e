-- One tile with the areas of one level, for thematic maps: also at zooms where draw_boundaries has
-- only higher levels. Feature ids are the digits of the code; there is nothing else, the values come
-- by the code. Shapes are moved into the tile as there; corners on one unit of the tile are one.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), zoom (lowest zoom
-- of the outlines), level, extent (units of a tile's side).
-- Result: the tile (MVT). Index: regions_boundaryshape_z<zoom>.
-- Measured (bench/tiles.py; 2 cores, 24 GiB, 2026-11-29), cold p95: from zoom 8
-- on 15.2 ms, below 69.0 ms (districts at zoom 5: 140 ms); warm 0.6 ms; 240 kB at most (villages at
-- zoom 7).
WITH tile AS (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     (%(east)s - %(west)s) / 64) AS reach,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     %(east)s - %(west)s) AS wide,
           %(extent)s / (%(east)s - %(west)s) AS scale
), drawn AS MATERIALIZED (
    SELECT replace(s.code, '.', '')::bigint AS id,
           CASE WHEN s.shape @ tile.wide
                THEN ST_Affine(s.shape, tile.scale, 0, 0, -tile.scale,
                               0.5 - %(west)s * tile.scale, 0.5 + %(north)s * tile.scale)
                ELSE ST_AsMVTGeom(s.shape, tile.box, %(extent)s, %(extent)s / 64, true) END AS geom
      FROM tile, regions_boundaryshape AS s
     WHERE s.zoom = %(zoom)s AND s.level = %(level)s AND s.shape && tile.reach
       AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
)
SELECT ST_AsMVT(d, 'area', %(extent)s, 'geom', 'id')
  FROM (SELECT id, geom FROM drawn WHERE NOT ST_IsEmpty(geom) ORDER BY id) AS d
