-- Purpose: one unread notice for each user, kind and subject; more of the same adds to its count.
-- Parameters: users (bigint[]), counts (integer[], of one length), kind, subject, url, params (jsonb),
--   now.
-- Index: casework_notice_unread_once. Locks: the notices in the order of their users.
-- Plan: by key
INSERT INTO casework_notice (user_id, kind, subject, count, params, url, at)
SELECT u.id, %(kind)s, %(subject)s, u.count, %(params)s, %(url)s, %(now)s
  FROM unnest(%(users)s::bigint[], %(counts)s::integer[]) AS u (id, count)
 ORDER BY u.id
    ON CONFLICT (user_id, kind, subject) WHERE read_at IS NULL
    DO UPDATE SET count = casework_notice.count + excluded.count, params = excluded.params,
                  url = excluded.url, at = excluded.at, mailed_at = NULL
