-- Purpose: who is told that a decree was annulled: people of the regencies of its rows.
-- Parameters: decree, roles (text[]), now (timestamptz).
-- Result: user id, how many rows of the decree lie in the user's region.
-- Index: proposals_proposal (decree_id). Cost: one reading of the decree's rows.
SELECT g.user_id, sum(r.rows)::integer
  FROM (SELECT substr(village_id, 1, 5) AS regency, count(*) AS rows
          FROM proposals_proposal
         WHERE decree_id = %(decree)s
         GROUP BY 1) AS r
  JOIN accounts_grant AS g
    ON g.region_id = r.regency AND g.user_id IS NOT NULL AND g.role = ANY (%(roles)s::text[])
   AND g.active_from <= %(now)s AND g.active_until > %(now)s
  JOIN accounts_user AS u ON u.id = g.user_id AND u.is_active
 GROUP BY g.user_id
