-- The places of regions whose count is drawn in a tile: their label; for a region without polygon,
-- that of the region above it.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), size (code length).
-- Result: code, name, x, y (Mercator metres), by code.
-- Index: regions_boundaryshape_z<zoom> (partial GiST on outlines, which contain their labels).
-- Measured: with draw_counts.
WITH levels AS (
    SELECT CASE %(size)s WHEN 2 THEN 'province' WHEN 5 THEN 'regency' WHEN 8 THEN 'district'
                         ELSE 'village' END AS own,
           CASE %(size)s WHEN 13 THEN 'district' WHEN 8 THEN 'regency' ELSE 'province' END AS above,
           ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box
), placed AS MATERIALIZED (
    SELECT s.code, s.name, s.level, ST_X(s.label) AS x, ST_Y(s.label) AS y
    FROM levels, regions_boundaryshape AS s
    -- every region is in the finest outlines; those of zoom 0 are fewer where provinces suffice
    WHERE s.zoom = 11 AND s.shape && levels.box AND s.level IN (levels.own, levels.above)
        AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
        AND ST_X(s.label) >= %(west)s AND ST_X(s.label) < %(east)s
        AND ST_Y(s.label) > %(south)s AND ST_Y(s.label) <= %(north)s
)
SELECT p.code, p.name, p.x, p.y FROM placed AS p, levels WHERE p.level = levels.own
UNION ALL
SELECT r.code, r.name, p.x, p.y
FROM levels, placed AS p JOIN regions_region AS r ON r.parent_id = p.code
WHERE p.level = levels.above AND r.level = levels.own
    AND NOT EXISTS (SELECT FROM regions_boundaryshape AS s
                    WHERE s.code = r.code AND s.zoom = 11 AND s.since_id <= %(set)s
                        AND (s.until_id IS NULL OR s.until_id > %(set)s))
ORDER BY 1;
