-- Purpose: one unread notice for each user, kind and subject; more of the same adds to its count.
-- Parameters: users (bigint[]), counts (integer[], of one length), kind, subject, url, params (jsonb),
--   now.
-- Index: casework_notice_unread_once. Locks: the notices in the order of their users.
-- The function writes as the owner: nobody sees the notices of those whom they tell.
-- Plan: by key
SELECT casework_store_notices(%(users)s::bigint[], %(counts)s::integer[], %(kind)s, %(subject)s, %(url)s,
                     %(params)s::jsonb, %(now)s)
