-- Purpose: mark the unread notices of one user that were in no e-mail yet, for today's e-mail.
-- Parameters: user, now.
-- Result: kind, number of notices, number of rows in them. Of two runs at once the second finds
--   none.
-- Plan: by key
WITH mailed AS (
    UPDATE casework_notice SET mailed_at = %(now)s
     WHERE user_id = %(user)s AND read_at IS NULL AND mailed_at IS NULL
    RETURNING kind, count
)
SELECT kind, count(*), sum(count) FROM mailed GROUP BY kind ORDER BY kind
