-- The result of the checks for one point.
-- Tables: placed (from place_points), misplaced (from find_misplaced), of one point.
-- Result: verdict, distance_m, actual_village_id, edition_id, is_beyond, findings (an array of
--   {{code, params}}).
SELECT p.verdict, p.distance_m, p.actual_village_id, p.edition_id, p.is_beyond,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('code', m.code, 'params', m.params)), '[]')
          FROM {misplaced} AS m)
  FROM {placed} AS p
