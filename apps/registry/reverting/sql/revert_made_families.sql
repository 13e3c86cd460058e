-- Purpose: end the families that a reverted Change made, and those that had ended before it.
--
-- Parameters: change (of the reverting). Tables: family. Result: how many
-- Index: registry_family's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH ended AS (
    UPDATE registry_family f
       SET is_active = false, change_id = %(change)s
     WHERE f.id = ANY(ARRAY(SELECT id FROM {family} WHERE before IS NULL AND obstacle = ''))
       AND f.is_active
    RETURNING 1
)
SELECT count(*) FROM ended
