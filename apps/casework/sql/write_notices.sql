-- Purpose: one unread notice for each user, kind and subject; further ones add to its count.
-- Parameters: users (bigint[]), counts (integer[], of one length), kind, subject, url, params (jsonb),
--   now.
-- Index: casework_notice_unread_once. Locks: the notices in the order of their users.
-- The function writes as its owner, because no user may see the notices of other users.
-- Plan: by key
SELECT casework_store_notices(%(users)s::bigint[], %(counts)s::integer[], %(kind)s, %(subject)s, %(url)s,
                     %(params)s::jsonb, %(now)s)
