-- Points that are not in their village: the actual village, the distance, and whether the point
-- would
-- fit with axes swapped or a sign turned.
-- Tables: located (from locate_points).
-- Result: row_number, actual_village_id, distance_m to the claimed border, nearest_id and nearest_m
--   (of points in no village), is_swapped (with the axes swapped the point would be inside),
--   turned_sign (with the other sign it would: of the latitude 1, the longitude 2, both 3; else null),
--   edition_id (the actual village's where the claimed has none).
-- Indexes: regions_boundary_place (GiST). Measured: 4,500 strays of 100,000 rows 0.2 s.
WITH turned AS MATERIALIZED (
    SELECT l.row_number, l.village_id, l.verdict, p.point, l.is_beyond,
           coalesce(abs(l.longitude) <= 90 AND ST_Covers(b.boundary,
               ST_SetSRID(ST_MakePoint(l.latitude, l.longitude), 4326)), false) AS is_swapped,
           CASE WHEN l.is_beyond THEN NULL
                WHEN ST_Covers(b.boundary, ST_SetSRID(ST_MakePoint(l.longitude, -l.latitude), 4326))
                THEN 1
                WHEN ST_Covers(b.boundary, ST_SetSRID(ST_MakePoint(-l.longitude, l.latitude), 4326))
                THEN 2
                WHEN ST_Covers(b.boundary, ST_SetSRID(ST_MakePoint(-l.longitude, -l.latitude), 4326))
                THEN 3 END AS turned_sign,
           CASE WHEN NOT l.is_beyond THEN regions_border_distance_m(b.boundary, p.point) END
               AS distance_m
      FROM {located} AS l
     CROSS JOIN LATERAL (
           SELECT ST_SetSRID(ST_MakePoint(l.longitude, l.latitude), 4326) AS point
           ) AS p
      LEFT JOIN regions_boundary AS b
        ON b.region_id = l.village_id AND b.is_current AND l.verdict = 'stray'
     WHERE l.verdict IN ('stray', 'no_polygon')
), found AS MATERIALIZED (
    SELECT t.*, here.code, here.edition_id
      FROM turned AS t
      LEFT JOIN LATERAL (
           SELECT v.code, v.edition_id FROM regions_villages_at(t.point) AS v
            ORDER BY left(v.code, 8) <> left(t.village_id, 8),
                     left(v.code, 5) <> left(t.village_id, 5),
                     left(v.code, 2) <> left(t.village_id, 2), v.code
            LIMIT 1
           ) AS here ON NOT t.is_beyond
)
SELECT f.row_number, f.code AS actual_village_id, f.edition_id, f.distance_m,
       near.code AS nearest_id, near.distance_m AS nearest_m, f.is_swapped, f.turned_sign
  FROM found AS f
  LEFT JOIN (
       SELECT n.row_number, v.code, v.distance_m
         FROM (SELECT row_number, point FROM found
                WHERE code IS NULL AND NOT is_beyond AND NOT is_swapped AND turned_sign IS NULL) AS n
        CROSS JOIN LATERAL regions_nearest_village(n.point) AS v
       ) AS near USING (row_number)
