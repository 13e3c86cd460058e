-- One tile of proposals: each point, or, where there are more than `most`, counts of squares by
-- verdict. The worst verdict is last, so that it is drawn on top.
-- Parameters: west, south, east, north (Mercator metres), verdicts (from best to worst), most,
-- square (their side, of the tile's 4096 units).
-- Reads: selected (id, verdict, flags, longitude, latitude).
-- Result: the tile (MVT), the ids of its points, how many rows. A point on a border belongs to one
-- tile only.
-- Index: proposals_proposal_cell, in `selected`.
-- Measured: docs/operations.md, bench/tiles.py.
WITH placed AS (
    -- Web Mercator; the function for any projection takes ten times as long
    SELECT s.id, s.verdict, s.flags, 6378137 * radians(s.longitude) AS x,
           6378137 * asinh(tan(radians(s.latitude))) AS y
    FROM selected AS s
), inside AS MATERIALIZED (
    SELECT id, verdict, flags, array_position(%(verdicts)s::text[], verdict::text) AS rank,
           (x - %(west)s) * 4096 / (%(east)s - %(west)s) AS east_units,
           (%(north)s - y) * 4096 / (%(east)s - %(west)s) AS south_units
    FROM placed
    WHERE x >= %(west)s AND x < %(east)s AND y > %(south)s AND y <= %(north)s
), total AS (
    SELECT count(*) AS rows FROM inside
), points AS (
    SELECT i.id, i.verdict, nullif(array_to_string(i.flags, ','), '') AS flags,
           ST_MakePoint(round(i.east_units), round(i.south_units)) AS geom
    FROM inside AS i, total WHERE total.rows <= %(most)s ORDER BY i.rank, i.id
), squares AS (
    SELECT ST_MakePoint(round(avg(i.east_units)), round(avg(i.south_units))) AS geom,
           -- around all of them, in Mercator metres, with two units for the rounding
           ceil((1.42 * greatest(max(i.east_units) - min(i.east_units),
                                 max(i.south_units) - min(i.south_units)) + 2)
                * (%(east)s - %(west)s) / 4096)::int AS radius_m,
           count(*)::int AS n, (%(verdicts)s::text[])[max(i.rank)] AS worst,
           nullif(count(*) FILTER (WHERE i.verdict = 'no_polygon'), 0)::int AS no_polygon,
           nullif(count(*) FILTER (WHERE i.verdict = 'inside'), 0)::int AS inside,
           nullif(count(*) FILTER (WHERE i.verdict = 'near_border'), 0)::int AS near_border,
           nullif(count(*) FILTER (WHERE i.verdict = 'neighbour'), 0)::int AS neighbour,
           nullif(count(*) FILTER (WHERE i.verdict = 'elsewhere'), 0)::int AS elsewhere,
           nullif(count(*) FILTER (WHERE i.verdict = 'unmapped'), 0)::int AS unmapped
    FROM inside AS i, total WHERE total.rows > %(most)s
    GROUP BY floor(i.east_units / %(square)s), floor(i.south_units / %(square)s)
)
SELECT coalesce((SELECT ST_AsMVT(p, 'point', 4096, 'geom', 'id')
                 FROM (SELECT id, verdict, flags, geom FROM points) AS p), '')
       || coalesce((SELECT ST_AsMVT(s, 'count', 4096, 'geom')
                    FROM (SELECT geom, radius_m, n, worst, no_polygon, inside, near_border, neighbour,
                                 elsewhere, unmapped
                          FROM squares ORDER BY n) AS s), ''),
       (SELECT array_agg(id) FROM points), (SELECT rows FROM total)
