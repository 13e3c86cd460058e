-- Stores the islands anew: the connected land of the provinces' finest outlines, in small pieces.
-- Parameters: set (state of the outlines), zoom (of the finest ones). Result: none.
-- One union of outlines that share their lines.
-- Plan: one table
INSERT INTO commandcentre_islandpiece (island, piece)
SELECT d.island, s.piece
  FROM (SELECT row_number() OVER () AS island, geom
          FROM ST_Dump((SELECT ST_Union(shape) FROM regions_boundaryshape
                         WHERE level = 'province' AND zoom = %(zoom)s AND since_id <= %(set)s
                           AND (until_id IS NULL OR until_id > %(set)s)))) AS d
 CROSS JOIN LATERAL ST_Subdivide(d.geom, 128) AS s (piece)
