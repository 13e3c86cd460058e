-- The users who answer about the villages of some lists, with the number of villages.
-- Parameters: lists (numbers), roles (text[]), now. Result: user, how many.
SELECT g.user_id, count(DISTINCT d.id)::integer
  FROM indicators_pocketdifference AS d
  JOIN accounts_grant AS g
    ON g.user_id IS NOT NULL AND g.role = ANY (%(roles)s::text[])
   AND g.active_from <= %(now)s AND g.active_until > %(now)s
   AND (g.region_id = d.village_id OR starts_with(d.village_id, g.region_id || '.'))
  JOIN accounts_user AS u ON u.id = g.user_id AND u.is_active
 WHERE d.worklist_id = ANY (%(lists)s::bigint[]) AND d.answer = ''
 GROUP BY g.user_id
