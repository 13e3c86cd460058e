-- Purpose: the sign that puts the point into the claimed village, as locate_strays found it.
-- Tables: tidy (of the current rows), strays (of the same rows), changes (gets rows:
--   row_number, changes).
-- Plan: by rows
INSERT INTO {changes} (row_number, changes)
SELECT t.row_number, jsonb_build_object('latitude', trim_scale(g.latitude::numeric)::text,
                                        'longitude', trim_scale(g.longitude::numeric)::text)
  FROM {tidy} AS t
  JOIN {strays} AS s USING (row_number)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN s.turned_sign IN (1, 3) THEN -t.latitude ELSE t.latitude END AS latitude,
              CASE WHEN s.turned_sign IN (2, 3) THEN -t.longitude ELSE t.longitude END AS longitude
       ) AS g
 WHERE s.turned_sign IS NOT NULL
