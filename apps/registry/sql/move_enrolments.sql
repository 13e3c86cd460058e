-- Move the open enrolments of persons who now live in another village.
--
-- Parameters: change. Tables: update. Result: how many
-- Index: registry_enrolment (person_id). Rows of the register are found by a list of keys.
-- Plan: by rows
WITH moved AS (
    UPDATE registry_enrolment e
       SET village_id = u.village_id, change_id = %(change)s
      FROM {update} u
     WHERE e.person_id = ANY(ARRAY(SELECT id FROM {update})) AND e.person_id = u.id
       AND e.active_until IS NULL AND e.village_id <> u.village_id
       AND e.change_id <> %(change)s
    RETURNING 1
)
SELECT count(*) FROM moved
