-- The verdict and the flags of every point, with their evidence, from the two statements before.
-- Tables: located (from locate_points), strays (from locate_strays).
-- Result: row_number, village_id, longitude, latitude, verdict, distance_m (metres outside the
--   claimed border, 0 inside), actual_village_id, edition_id, flags (axes_swapped, sign_flipped,
--   office_point, coarse), nearest_id, nearest_m, is_beyond (no such place on earth), is_turned (no
--   place on earth, but one in Indonesia with the axes swapped).
SELECT l.row_number, l.village_id, l.longitude, l.latitude, v.verdict,
       CASE v.verdict WHEN 'inside' THEN 0 ELSE s.distance_m END AS distance_m,
       CASE v.verdict WHEN 'inside' THEN l.village_id ELSE s.actual_village_id END
           AS actual_village_id,
       coalesce(l.edition_id, s.edition_id) AS edition_id,
       CASE WHEN NOT (l.is_coarse OR l.is_office
                      OR coalesce(s.is_swapped OR s.turned_sign IS NOT NULL, false))
              OR v.verdict = 'no_point' THEN '{{}}'
            ELSE array_remove(ARRAY[
                CASE WHEN s.is_swapped THEN 'axes_swapped' END,
                CASE WHEN s.turned_sign IS NOT NULL THEN 'sign_flipped' END,
                CASE WHEN l.is_office THEN 'office_point' END,
                CASE WHEN l.is_coarse AND NOT l.is_beyond THEN 'coarse' END], NULL)
            END::varchar(12)[] AS flags,
       s.nearest_id, s.nearest_m, l.is_beyond,
       l.is_beyond AND l.longitude BETWEEN -12 AND 7 AND l.latitude BETWEEN 94 AND 142 AS is_turned
  FROM {located} AS l
  LEFT JOIN {strays} AS s USING (row_number)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN l.verdict <> 'stray' THEN l.verdict
                   WHEN s.distance_m <= l.tolerance_m THEN 'near_border'
                   WHEN s.actual_village_id IS NULL THEN 'unmapped'
                   WHEN left(s.actual_village_id, 8) = left(l.village_id, 8) THEN 'neighbour'
                   ELSE 'elsewhere' END AS verdict
       ) AS v
