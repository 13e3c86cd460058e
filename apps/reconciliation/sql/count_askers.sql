-- Purpose: who answers the questions of a run that are on no list yet, and how many are theirs.
-- Parameters: run, roles (text[]), now. Result: user, how many; nobody twice for one question.
SELECT g.user_id, count(DISTINCT c.id)::integer
  FROM reconciliation_run r
  JOIN reconciliation_dataset d ON d.id = r.left_id
  JOIN reconciliation_conflict c
    ON c.source_id = d.source_id AND c.status = 'open' AND c.worklist_id IS NULL
  JOIN accounts_grant g
    ON g.user_id IS NOT NULL AND g.role = ANY(%(roles)s::text[])
   AND g.active_from <= %(now)s AND g.active_until > %(now)s
   AND (g.region_id = c.village_id OR starts_with(c.village_id, g.region_id || '.'))
  JOIN accounts_user u ON u.id = g.user_id AND u.is_active
 WHERE r.id = %(run)s
 GROUP BY g.user_id
