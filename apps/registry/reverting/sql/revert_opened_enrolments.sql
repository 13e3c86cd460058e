-- Purpose: end the enrolments that a reverted Change opened, on the day on which they began: they
--   never counted.
--
-- Parameters: change (of the reverting). Tables: enrolment. Result: how many
-- Index: registry_enrolment's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH ended AS (
    UPDATE registry_enrolment e
       SET active_until = e.active_from, change_id = %(change)s
     WHERE e.id = ANY(ARRAY(SELECT id FROM {enrolment} WHERE before IS NULL))
       AND e.active_until IS NULL
    RETURNING 1
)
SELECT count(*) FROM ended
