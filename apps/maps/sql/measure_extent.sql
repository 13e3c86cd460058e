-- The box around regions in the present state of the map. Parameters: codes ('' is the country).
-- Result: west, south, east, north (Mercator metres), nulls without outlines.
-- Index: regions_boundaryshape_once (code, zoom, since).
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (
    SELECT ST_Extent(s.shape) AS e FROM regions_boundaryshape AS s
    WHERE s.until_id IS NULL
        AND s.since_id IN (SELECT id FROM regions_shapeset WHERE ready_at IS NOT NULL)
        AND ((s.zoom = 11 AND s.code = ANY (%(codes)s))
             OR (s.zoom = 0 AND s.level = 'province' AND '' = ANY (%(codes)s)))) AS found;
