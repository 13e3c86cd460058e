-- Where each staged facility or responder lies, with the doubts about its point.
--
-- Parameters: west, south, east, north (a box around the country, degrees).
-- Tables: given, graded (regions/grade_points).
-- Result: the columns of given; point (its texts as written, or null), has_text, has_point,
--   village_id (that holds the point, else the claimed one), actual_village_id, location (WGS 84;
--   the village's office or a point in the village where none was written), is_estimated,
--   point_fault (the row cannot be taken) and point_doubt, each null or a code of
--   resources/messages.py.
-- Indexes: regions_boundary_place (GiST) for points without a claimed village.
WITH placed AS MATERIALIZED (
    SELECT g.*, p.verdict, p.flags, p.is_beyond, p.is_turned, p.actual_village_id,
           p.longitude AS x, p.latitude AS y,
           nullif(concat_ws(', ', g.latitude, g.longitude), '') AS point,
           p.verdict <> 'no_point' AND NOT p.is_beyond AS has_point,
           NOT p.is_beyond AND (p.longitude NOT BETWEEN %(west)s AND %(east)s
                                OR p.latitude NOT BETWEEN %(south)s AND %(north)s) AS is_outside
      FROM {given} AS g
      JOIN {graded} AS p USING (row_number)
), found AS MATERIALIZED (
    SELECT p.*, p.point IS NOT NULL AS has_text,
           CASE WHEN p.verdict IN ('inside', 'near_border', 'no_polygon', 'no_point') THEN p.claimed
                WHEN p.verdict = '' THEN here.code
                ELSE coalesce(p.actual_village_id, p.claimed) END AS village_id,
           CASE WHEN p.has_point THEN ST_SetSRID(ST_MakePoint(p.x, p.y), 4326)
                ELSE middle.location END AS location
      FROM placed AS p
      LEFT JOIN LATERAL (
           SELECT v.code FROM regions_villages_at(ST_SetSRID(ST_MakePoint(p.x, p.y), 4326)) AS v
            ORDER BY v.code LIMIT 1
           ) AS here ON p.has_point AND p.verdict = ''
      LEFT JOIN LATERAL (
           SELECT coalesce(r.office, ST_PointOnSurface(b.boundary)) AS location
             FROM regions_region AS r
             LEFT JOIN regions_boundary AS b ON b.region_id = r.code AND b.is_current
            WHERE r.code = p.claimed
           ) AS middle ON p.point IS NULL
)
SELECT f.*, NOT f.has_text AND f.location IS NOT NULL AS is_estimated,
       CASE WHEN f.has_text AND (f.x IS NULL OR f.y IS NULL) THEN 'point_unreadable'
            WHEN f.is_turned OR 'axes_swapped' = ANY (f.flags) THEN 'point_swapped'
            WHEN f.is_beyond THEN 'point_abroad'
            WHEN 'sign_flipped' = ANY (f.flags) THEN 'point_sign'
            WHEN f.has_point AND f.is_outside THEN 'point_abroad' END AS point_fault,
       CASE WHEN NOT f.has_text AND f.location IS NOT NULL THEN 'point_estimated'
            WHEN f.verdict IN ('neighbour', 'elsewhere') THEN 'point_elsewhere'
            WHEN f.has_point AND NOT f.is_outside
             AND (f.verdict = 'unmapped' OR f.village_id IS NULL)
            THEN 'point_in_no_village' END AS point_doubt
  FROM found AS f
