-- The places of villages. Before they were computed (and for new boundaries) from the polygon.
-- Parameters: villages (codes). Result: code, longitude, latitude (null: no place is known), island.
-- Index: commandcentre_villageplace's key.
SELECT v.code, ST_X(n.place), ST_Y(n.place), p.island
  FROM unnest(%(villages)s::text[]) AS u (code)
  JOIN regions_region AS v ON v.code = u.code COLLATE "C"
  LEFT JOIN commandcentre_villageplace AS p ON p.village_id = v.code
 CROSS JOIN LATERAL (
       SELECT coalesce(p.place, (SELECT ST_PointOnSurface(b.boundary) FROM regions_boundary AS b
                                  WHERE b.region_id = v.code AND b.is_current), v.office) AS place
       OFFSET 0) AS n
 ORDER BY v.code
