-- Purpose: take what was told and then undone off the unread notices; those of nothing are deleted.
-- Parameters: users (bigint[]), counts (integer[], of one length), kind, subject, told_at.
-- Index: casework_notice_unread_once, casework_notice_of_user. Locks: the notices in the order of
--   their users.
-- The function writes as its owner, because no user may see the notices of other users.
-- Plan: by key
SELECT casework_withdraw_notices(%(users)s::bigint[], %(counts)s::integer[], %(kind)s, %(subject)s,
                                 %(told_at)s)
