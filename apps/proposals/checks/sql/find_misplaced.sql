-- The findings from the verdicts and flags of the points.
-- Parameters: has_points (whether the file has coordinates at all).
-- Tables: placed (from place_points). Result: row_number, code, field (''), params.
-- A swapped or turned point gets a finding about this cause, not about its apparent place.
SELECT p.row_number, f.code, '' AS field,
       jsonb_strip_nulls(jsonb_build_object(
           'village', claimed.name, 'village_code', p.village_id,
           'actual', actual.name, 'actual_code', p.actual_village_id,
           'area', area.name,
           'level', CASE WHEN f.code <> 'elsewhere' THEN NULL
                         WHEN left(p.village_id, 2) <> left(p.actual_village_id, 2) THEN 'province'
                         WHEN left(p.village_id, 5) <> left(p.actual_village_id, 5) THEN 'regency'
                         ELSE 'district' END,
           'distance_m', round(p.distance_m::numeric, 1),
           'nearest', nearest.name, 'nearest_code', p.nearest_id,
           'nearest_m', round(p.nearest_m::numeric, 1),
           'families', CASE WHEN f.code = 'shared_point' THEN p.families END,
           'latitude', p.latitude, 'longitude', p.longitude)) AS params
  FROM {placed} AS p
 CROSS JOIN LATERAL unnest(p.flags || CASE
       WHEN p.is_beyond AND NOT p.flags && ARRAY['axes_swapped']::varchar[]
       THEN ARRAY[CASE WHEN p.is_turned THEN 'axes_swapped' ELSE 'coordinate_range' END]
       WHEN p.verdict IN ('', 'inside') THEN NULL
       WHEN p.verdict = 'no_point' AND NOT %(has_points)s THEN NULL
       WHEN p.verdict <> 'near_border'
        AND p.flags && ARRAY['axes_swapped', 'sign_flipped']::varchar[] THEN NULL
       ELSE ARRAY[p.verdict] END::varchar[]) AS f (code)
  LEFT JOIN regions_region AS claimed ON claimed.code = p.village_id
  LEFT JOIN regions_region AS actual ON actual.code = p.actual_village_id
  LEFT JOIN regions_region AS nearest ON nearest.code = p.nearest_id
  -- the region at the level where claimed and actual village differ
  LEFT JOIN regions_region AS area ON f.code = 'elsewhere' AND area.code = left(
       p.actual_village_id, CASE WHEN left(p.village_id, 2) <> left(p.actual_village_id, 2) THEN 2
                                 WHEN left(p.village_id, 5) <> left(p.actual_village_id, 5) THEN 5
                                 ELSE 8 END)
 WHERE p.verdict <> 'inside' OR p.flags <> '{{}}'
