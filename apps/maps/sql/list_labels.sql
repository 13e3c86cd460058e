-- The places of regions whose count is drawn in a tile: their label, or that of the nearest region
-- above with an outline. Provinces without any outline have none; each tile has them all.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), size (code length).
-- Result: code, name, x, y (Mercator metres, null: no outline), by code; villages, districts and
-- regencies of a province without outlines are left out.
-- Index: regions_boundaryshape_labels (districts and above); of villages regions_boundaryshape_z11
-- (outlines contain their labels); regions_boundaryshape_once (code, zoom, since).
-- Measured: with draw_counts.
WITH placed AS MATERIALIZED (
    SELECT s.code, s.name, ST_X(s.label) AS x, ST_Y(s.label) AS y
    FROM regions_boundaryshape AS s
    -- every region is in the finest outlines; those of zoom 0 are fewer where provinces suffice
    WHERE s.zoom = 11 AND length(s.code) <= %(size)s
        AND s.shape && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
        AND s.label && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
        AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
        AND ST_X(s.label) >= %(west)s AND ST_X(s.label) < %(east)s
        AND ST_Y(s.label) > %(south)s AND ST_Y(s.label) <= %(north)s
)
SELECT p.code, p.name, p.x, p.y FROM placed AS p WHERE length(p.code) = %(size)s
UNION ALL
SELECT r.code, r.name, p.x, p.y
FROM placed AS p JOIN regions_region AS r ON r.code > p.code || '.' AND r.code < p.code || '/'
WHERE length(p.code) < %(size)s AND length(r.code) = %(size)s
    -- its own first: nearly all have one, and most of the work is to see that
    AND NOT EXISTS (SELECT FROM regions_boundaryshape AS s
                    WHERE s.code = r.code AND s.zoom = 11 AND s.since_id <= %(set)s
                        AND (s.until_id IS NULL OR s.until_id > %(set)s))
    AND NOT EXISTS (SELECT FROM regions_boundaryshape AS s
                    WHERE s.code IN (left(r.code, 5), left(r.code, 8))
                        AND length(s.code) > length(p.code) AND s.zoom = 11
                        AND s.since_id <= %(set)s
                        AND (s.until_id IS NULL OR s.until_id > %(set)s))
UNION ALL
SELECT r.code, r.name, NULL, NULL
FROM regions_region AS r
WHERE r.level = 'province'
    AND NOT EXISTS (SELECT FROM regions_boundaryshape AS s
                    WHERE s.code = r.code AND s.zoom = 11 AND s.since_id <= %(set)s
                        AND (s.until_id IS NULL OR s.until_id > %(set)s))
ORDER BY 1;
