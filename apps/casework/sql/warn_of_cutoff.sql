-- Purpose: notify all who propose or review that a cycle closes soon, once for each cycle.
-- Parameters: roles (text[]), subject, url, params (jsonb), now.
-- Result: how many were notified. A person notified before, read or not, is left out.
-- Plan: by key
WITH told AS (
    INSERT INTO casework_notice (user_id, kind, subject, count, params, url, at)
    SELECT DISTINCT g.user_id, 'cycle_closing', %(subject)s, 1, %(params)s::jsonb, %(url)s,
           %(now)s::timestamptz
      FROM accounts_grant g
      JOIN accounts_user u ON u.id = g.user_id AND u.is_active
     WHERE g.role = ANY(%(roles)s::text[])
       AND g.active_from <= %(now)s AND g.active_until > %(now)s
       AND NOT EXISTS (SELECT FROM casework_notice n
                        WHERE n.user_id = g.user_id AND n.kind = 'cycle_closing'
                          AND n.subject = %(subject)s)
        ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM told
