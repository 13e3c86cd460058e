-- The places of the names of regions, in degrees: where a count is drawn.
-- Parameters: codes, apart by a comma: as a list thousands of them took longer to write than to read.
-- Result: code, longitude, latitude.
-- Index: regions_boundaryshape_once (code, zoom, since); every region is in the finest outlines.
SELECT s.code, ST_X(p.place), ST_Y(p.place)
  FROM regions_boundaryshape AS s, ST_Transform(s.label, 4326) AS p (place)
 WHERE s.code = ANY (string_to_array(%(codes)s, ',')) AND s.zoom = 11 AND s.until_id IS NULL
   AND s.since_id IN (SELECT id FROM regions_shapeset WHERE ready_at IS NOT NULL)
