-- Reopen the families to which the persons return.
--
-- Parameters: change (of the undoing). Tables: undone. Result: how many
-- Index: the primary keys of registry_person and registry_family, by lists of keys.
-- Plan: by rows
WITH reopened AS (
    UPDATE registry_family f
       SET is_active = true, change_id = %(change)s
     WHERE f.id = ANY(ARRAY(SELECT p.family_id FROM registry_person p
                             WHERE p.id = ANY(ARRAY(SELECT id FROM {undone}
                                                     WHERE old_status = 'active'))))
       AND NOT f.is_active
    RETURNING 1
)
SELECT count(*) FROM reopened
