-- The places of all points of a set, with a flag on each row of a point that many families use.
-- Parameters: shared_by (families on one point that make it a shared one).
-- Tables: located (from locate_points), graded (from grade_points).
-- Result: the columns of grade_points, with the flag shared_point added, and families (their number
--   on this point, if it is shared). Measured: 100,000 rows 0.15 s.
WITH many AS MATERIALIZED (
    SELECT longitude, latitude FROM {located} WHERE verdict <> 'no_point'
     GROUP BY longitude, latitude HAVING count(*) >= %(shared_by)s
), shared AS MATERIALIZED (
    SELECT longitude, latitude, count(DISTINCT d.kk) AS families
      FROM {located} AS d JOIN many USING (longitude, latitude)
     GROUP BY longitude, latitude HAVING count(DISTINCT d.kk) >= %(shared_by)s
)
SELECT g.row_number, g.village_id, g.longitude, g.latitude, g.verdict, g.distance_m,
       g.actual_village_id, g.edition_id,
       CASE WHEN m.families IS NULL THEN g.flags
            ELSE array_append(g.flags, 'shared_point'::varchar) END::varchar(12)[] AS flags,
       m.families, g.nearest_id, g.nearest_m, g.is_beyond, g.is_turned
  FROM {graded} AS g
  LEFT JOIN shared AS m USING (longitude, latitude)
