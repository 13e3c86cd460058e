-- Purpose: the unread notices of one user that no e-mail has told yet, taken into today's.
-- Parameters: user, now.
-- Result: kind, how many notices, how many rows they speak of. Two beats at once: the second finds none.
-- Plan: by key
WITH mailed AS (
    UPDATE casework_notice SET mailed_at = %(now)s
     WHERE user_id = %(user)s AND read_at IS NULL AND mailed_at IS NULL
    RETURNING kind, count
)
SELECT kind, count(*), sum(count) FROM mailed GROUP BY kind ORDER BY kind
