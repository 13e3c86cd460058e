-- Purpose: the users who answer a source's questions that are on no list yet, with their number.
-- Parameters: source, roles (text[]), now. Result: user, how many; nobody twice for one question.
SELECT g.user_id, count(DISTINCT c.id)::integer
  FROM reconciliation_conflict c
  JOIN accounts_grant g
    ON g.user_id IS NOT NULL AND g.role = ANY(%(roles)s::text[])
   AND g.active_from <= %(now)s AND g.active_until > %(now)s
   AND (g.region_id = c.village_id OR starts_with(c.village_id, g.region_id || '.'))
  JOIN accounts_user u ON u.id = g.user_id AND u.is_active
 WHERE c.source_id = %(source)s AND c.status = 'open' AND c.worklist_id IS NULL
 GROUP BY g.user_id
