-- Purpose: the claims that a reverted Change left with persons no longer count; they stay in the
--   table.
--
-- Parameters: wrong (the reverted Change), change (of the reverting). Tables: person
-- Result: how many
-- Index: registry_claim (change), a block range index.
-- Plan: by rows
WITH gone AS (
    UPDATE registry_claim c
       SET undone_id = %(change)s
     WHERE c.change_id = %(wrong)s AND c.undone_id IS NULL
       AND NOT EXISTS (SELECT FROM {person} s WHERE s.id = c.person_id AND s.obstacle <> '')
    RETURNING 1
)
SELECT count(*) FROM gone
