-- One tile of roads, railways and rivers.
-- Parameters: west, south, east, north (Mercator metres), layer (the import's number), rank (the
-- largest one that is drawn; -1: none). Result: the tile (MVT); layer `line`: kind, rank, name.
-- Index: maps_baseline_main for rank 0, maps_baseline_others for the others.
WITH tile AS (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     (%(east)s - %(west)s) / 64) AS reach
)
SELECT ST_AsMVT(d, 'line', 4096, 'geom') FROM (
    SELECT l.kind, l.rank, CASE WHEN %(rank)s >= 3 THEN nullif(l.name, '') END AS name,
           ST_AsMVTGeom(l.shape, tile.box, 4096, 64, true) AS geom
      FROM tile
     CROSS JOIN LATERAL (
           SELECT kind, rank, name, shape FROM maps_baseline
            WHERE rank = 0 AND %(rank)s >= 0 AND layer_id = %(layer)s AND shape && tile.reach
            UNION ALL
           SELECT kind, rank, name, shape FROM maps_baseline
            WHERE rank > 0 AND rank <= %(rank)s AND layer_id = %(layer)s AND shape && tile.reach
           ) AS l
     ORDER BY l.rank DESC
) AS d
WHERE d.geom IS NOT NULL
