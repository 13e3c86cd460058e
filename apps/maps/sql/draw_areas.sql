-- One tile with the areas of one level, for thematic maps: also at zooms where draw_boundaries has
-- only higher levels. Feature ids are the digits of the code; there is nothing else, the values come
-- by the code. Shapes are moved into the tile as there; corners on one unit of the tile are one.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), zoom (lowest zoom
-- of the outlines), level, extent (units of a tile's side).
-- Result: the tile (MVT). Index: regions_boundaryshape_z<zoom>.
-- Measured: docs/operations.md, bench/tiles.py.
WITH tile AS MATERIALIZED (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     (%(east)s - %(west)s) / 64) AS reach,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     %(east)s - %(west)s) AS wide,
           u.scale, 0.5 - %(west)s * u.scale AS right_by, 0.5 + %(north)s * u.scale AS down_by
    FROM (SELECT %(extent)s / (%(east)s - %(west)s)::float8 AS scale) AS u
)
SELECT ST_AsMVT(d, 'area', %(extent)s, 'geom', 'id')
  FROM tile
  JOIN regions_boundaryshape AS s ON s.zoom = %(zoom)s AND s.level = %(level)s
       AND s.shape && tile.reach
       AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
 CROSS JOIN LATERAL (
    SELECT replace(s.code, '.', '')::bigint AS id,
           CASE WHEN s.shape @ tile.wide
                THEN ST_Affine(s.shape, tile.scale, 0, 0, -tile.scale, tile.right_by, tile.down_by)
                ELSE ST_AsMVTGeom(s.shape, tile.box, %(extent)s, %(extent)s / 64, true) END AS geom
 ) AS d
