-- Purpose: add to a user's count of the day and kind. The row is made if it is missing.
-- Parameters: user (key), day, kind, n (0 only looks).
-- Result: id, count, alarmed_at, stopped_at, lifted_at. Locks: that row.
-- Index: accounts_readcount_one_a_day.
-- Plan: by key
INSERT INTO accounts_readcount AS c (user_id, day, kind, count, lifted_by)
VALUES (%(user)s, %(day)s, %(kind)s, %(n)s, '')
    ON CONFLICT (user_id, day, kind) DO UPDATE SET count = c.count + excluded.count
RETURNING c.id, c.count, c.alarmed_at, c.stopped_at, c.lifted_at
