-- The sign that brings the point into the claimed village: latitude first, as most often.
-- Tables: tidy (of the rows as they stand), changes (gets rows: row_number, changes).
-- Index: regions_boundary_one_current.
-- Plan: by rows
INSERT INTO {changes} (row_number, changes)
SELECT t.row_number, jsonb_build_object('latitude', trim_scale(g.latitude::numeric)::text,
                                        'longitude', trim_scale(g.longitude::numeric)::text)
  FROM {tidy} AS t
  JOIN regions_boundary AS b ON b.region_id = t.village_id AND b.is_current
 CROSS JOIN LATERAL (
       SELECT s.latitude, s.longitude
         FROM (VALUES (1, -t.latitude, t.longitude), (2, t.latitude, -t.longitude),
                      (3, -t.latitude, -t.longitude)) AS s (turn, latitude, longitude)
        WHERE ST_Covers(b.boundary, ST_SetSRID(ST_MakePoint(s.longitude, s.latitude), 4326))
        ORDER BY s.turn LIMIT 1
       ) AS g
