-- End the open enrolments of persons who are removed or lose the aid; move those of persons who
-- move.
--
-- Tables: update. Result: how many ended
-- Index: registry_enrolment (person_id). Rows of the register are found by a list of keys.
-- Plan: by rows
WITH changed AS (
    UPDATE registry_enrolment e
       SET village_id = u.village_id, change_id = u.change_id,
           active_until = CASE WHEN u.field <> 'village'
                               THEN greatest(u.day, e.active_from) END
      FROM {update} u
     WHERE e.person_id = ANY(ARRAY(SELECT id FROM {update}
                                    WHERE field IN ('removed', 'enrolments_ended', 'village')))
       AND e.person_id = u.id AND u.field IN ('removed', 'enrolments_ended', 'village')
       AND e.active_until IS NULL AND e.change_id <> u.change_id
    RETURNING e.active_until
)
SELECT count(active_until) FROM changed
