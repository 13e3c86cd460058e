-- One tile of counts per region by verdict. The largest is last, so that it is drawn on top.
-- Parameters: west, east, north (Mercator metres), verdicts (from best to worst), and of each
-- region codes, names, x, y (Mercator metres), counts (JSON array of arrays, by verdict).
-- Result: the tile (MVT).
-- Measured: docs/operations.md, bench/tiles.py.
SELECT ST_AsMVT(d, 'count', 4096, 'geom') FROM (
    SELECT r.code, r.name, t.n, (%(verdicts)s::text[])[t.worst] AS worst,
           nullif(r.c[2], 0) AS no_polygon, nullif(r.c[3], 0) AS inside,
           nullif(r.c[4], 0) AS near_border, nullif(r.c[5], 0) AS neighbour,
           nullif(r.c[6], 0) AS elsewhere, nullif(r.c[7], 0) AS unmapped,
           ST_MakePoint(round((r.x - %(west)s) * 4096 / (%(east)s - %(west)s)),
                        round((%(north)s - r.y) * 4096 / (%(east)s - %(west)s))) AS geom
    FROM (
        SELECT u.code, u.name, u.x, u.y, ARRAY(
                   SELECT value::int FROM jsonb_array_elements_text(j.counts)) AS c, u.nth
        FROM unnest(%(codes)s::text[], %(names)s::text[], %(x)s::float8[], %(y)s::float8[])
                 WITH ORDINALITY AS u (code, name, x, y, nth)
        JOIN jsonb_array_elements(%(counts)s::jsonb) WITH ORDINALITY AS j (counts, nth)
            ON j.nth = u.nth
    ) AS r,
    LATERAL (SELECT sum(value)::int AS n, max(nth) FILTER (WHERE value > 0) AS worst
             FROM unnest(r.c) WITH ORDINALITY AS e (value, nth)) AS t
    ORDER BY t.n
) AS d;
