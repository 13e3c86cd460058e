-- The claims that a merge gave to the kept persons no longer count; they stay in the table.
--
-- Parameters: merged (the merge's Change), change (of the undoing). Tables: undone. Result: how many
-- Index: registry_claim (person_id), by a list of keys.
-- Plan: by rows
WITH gone AS (
    UPDATE registry_claim c
       SET undone_id = %(change)s
     WHERE c.person_id = ANY(ARRAY(SELECT keep_id FROM {undone})) AND c.change_id = %(merged)s
       AND c.undone_id IS NULL
    RETURNING 1
)
SELECT count(*) FROM gone
