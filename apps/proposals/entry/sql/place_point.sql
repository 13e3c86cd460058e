-- Where does one point lie that was just typed, measured or chosen on the map?
-- Parameters: latitude, longitude (texts as they were written), village (claimed code, or '').
-- Result: latitude, longitude (degrees WGS 84, null where unreadable), is_on_earth, has_boundary,
--   is_inside, border_m (geodesic metres to the claimed border, from inside or outside), tolerance_m,
--   actual_code, edition (name: the claimed village's, else the actual one's), is_swapped (with the
--   axes swapped it would be inside).
-- Indexes: regions_boundary (region_id), regions_boundary_place (GiST). Measured: 3 ms among 84,000.
WITH typed AS MATERIALIZED (
    SELECT proposals_degrees(%(latitude)s) AS latitude,
           proposals_degrees(%(longitude)s) AS longitude
), spot AS MATERIALIZED (
    SELECT t.*, coalesce(abs(latitude) <= 90 AND abs(longitude) <= 180, false) AS is_on_earth,
           CASE WHEN abs(latitude) <= 90 AND abs(longitude) <= 180
                THEN ST_SetSRID(ST_MakePoint(longitude, latitude), 4326) END AS point,
           CASE WHEN abs(longitude) <= 90 AND abs(latitude) <= 180
                THEN ST_SetSRID(ST_MakePoint(latitude, longitude), 4326) END AS turned
      FROM typed AS t
)
SELECT s.latitude, s.longitude, s.is_on_earth, b.id IS NOT NULL AS has_boundary,
       coalesce(ST_Covers(b.boundary, s.point), false) AS is_inside,
       regions_border_distance_m(b.boundary, s.point) AS border_m,
       b.tolerance_m, here.code AS actual_code,
       (SELECT name FROM regions_boundaryedition
         WHERE id = coalesce(b.edition_id, here.edition_id)) AS edition,
       coalesce(ST_Covers(b.boundary, s.turned), false) AS is_swapped
  FROM spot AS s
  LEFT JOIN regions_boundary AS b ON b.region_id = %(village)s AND b.is_current
  LEFT JOIN LATERAL (
       SELECT v.code, v.edition_id FROM regions_villages_at(s.point) AS v
        ORDER BY v.code <> %(village)s,
                 left(v.code, 8) <> left(%(village)s, 8), left(v.code, 5) <> left(%(village)s, 5),
                 left(v.code, 2) <> left(%(village)s, 2), v.code
        LIMIT 1
       ) AS here ON s.is_on_earth
