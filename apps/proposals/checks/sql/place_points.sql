-- The verdict and the flags of every point, with their evidence, from the two looks before.
-- Parameters: shared_by (families on one point that make it a shared one).
-- Tables: located (from locate_points), strays (from locate_strays), placed (is made).
-- Result: row_number, village_id, longitude, latitude, verdict, distance_m (metres outside the
--   claimed border, 0 inside), actual_village_id, edition_id, flags, families (on this very point),
--   nearest_id, nearest_m, is_beyond. Measured: 100,000 rows 0.15 s.
CREATE UNLOGGED TABLE {placed} AS
WITH many AS MATERIALIZED (
    SELECT longitude, latitude FROM {located} WHERE verdict <> 'no_point'
     GROUP BY longitude, latitude HAVING count(*) >= %(shared_by)s
), shared AS MATERIALIZED (
    SELECT longitude, latitude, count(DISTINCT d.kk) AS families
      FROM {located} AS d JOIN many USING (longitude, latitude)
     GROUP BY longitude, latitude HAVING count(DISTINCT d.kk) >= %(shared_by)s
)
SELECT l.row_number, l.village_id, l.longitude, l.latitude, v.verdict,
       CASE v.verdict WHEN 'inside' THEN 0 ELSE s.distance_m END AS distance_m,
       CASE v.verdict WHEN 'inside' THEN l.village_id ELSE s.actual_village_id END
           AS actual_village_id,
       coalesce(l.edition_id, s.edition_id) AS edition_id,
       CASE WHEN NOT (l.is_coarse OR l.is_office OR m.families IS NOT NULL OR s.is_swapped
                      OR s.is_flipped) OR v.verdict = 'no_point' THEN '{{}}'
            ELSE array_remove(ARRAY[
                CASE WHEN s.is_swapped THEN 'axes_swapped' END,
                CASE WHEN s.is_flipped THEN 'sign_flipped' END,
                CASE WHEN m.families IS NOT NULL THEN 'shared_point' END,
                CASE WHEN l.is_office THEN 'office_point' END,
                CASE WHEN l.is_coarse AND s.is_beyond IS NOT TRUE THEN 'coarse' END], NULL) END::varchar(12)[] AS flags,
       m.families, s.nearest_id, s.nearest_m, coalesce(s.is_beyond, false) AS is_beyond
  FROM {located} AS l
  LEFT JOIN {strays} AS s USING (row_number)
  LEFT JOIN shared AS m USING (longitude, latitude)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN l.verdict <> 'stray' THEN l.verdict
                   WHEN s.distance_m <= l.tolerance_m THEN 'near_border'
                   WHEN s.actual_village_id IS NULL THEN 'unmapped'
                   WHEN left(s.actual_village_id, 8) = left(l.village_id, 8) THEN 'neighbour'
                   ELSE 'elsewhere' END AS verdict
       ) AS v
