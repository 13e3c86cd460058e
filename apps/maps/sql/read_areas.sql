-- The areas of regions for a drawing, a file or a browser without WebGL2, and the places of their
-- names.
-- Parameters: codes, zoom (lowest zoom of the outlines), srid (of the result).
-- Result: code, WKB, longitude and latitude (or metres) of the label.
-- Index: regions_boundaryshape_once (code, zoom, since).
-- Cost: 514 regencies 0.2 s.
SELECT s.code, ST_AsBinary(ST_Transform(s.shape, %(srid)s)),
       ST_X(ST_Transform(s.label, %(srid)s)), ST_Y(ST_Transform(s.label, %(srid)s))
  FROM regions_boundaryshape AS s
 WHERE s.code = ANY (%(codes)s) AND s.zoom = %(zoom)s AND s.until_id IS NULL
   AND s.since_id IN (SELECT id FROM regions_shapeset WHERE ready_at IS NOT NULL)
 ORDER BY s.code
