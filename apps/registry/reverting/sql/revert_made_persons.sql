-- Purpose: remove from the register the persons that a reverted Change made, or had reactivated.
--   Their rows and histories stay.
--
-- Parameters: change (of the reverting). Tables: person. Result: how many
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH removed AS (
    UPDATE registry_person p
       SET status = 'removed', change_id = %(change)s, origins = registry_field_origins(p, '{{}}')
     WHERE p.id = ANY(ARRAY(SELECT id FROM {person} WHERE before IS NULL AND obstacle = ''))
       AND p.status = 'active'
    RETURNING 1
)
SELECT count(*) FROM removed
