-- Stores anew a point inside each village that has a polygon, and the island it lies on: the piece
-- that contains the point, else the nearest piece within two kilometres (simplified coasts).
-- Parameters: near_m (Mercator metres). Result: none. Index: commandcentre_islandpiece's GiST.
-- Plan: by key
INSERT INTO commandcentre_villageplace (village_id, place, island)
SELECT v.region_id, v.place, coalesce(
           (SELECT i.island FROM commandcentre_islandpiece AS i
             WHERE ST_Intersects(i.piece, v.projected) LIMIT 1),
           (SELECT i.island FROM commandcentre_islandpiece AS i
             WHERE ST_DWithin(i.piece, v.projected, %(near_m)s)
             ORDER BY i.piece <-> v.projected LIMIT 1))
  FROM (SELECT b.region_id, p.place, ST_Transform(p.place, 3857) AS projected
          FROM regions_boundary AS b
          JOIN regions_region AS r ON r.code = b.region_id AND r.level = 'village'
         CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.boundary) AS place OFFSET 0) AS p
         WHERE b.is_current) AS v
