-- The open enrolments of removed persons end on the day of the decision.
--
-- Parameters: change, day. Tables: person. Result: how many
-- Index: registry_enrolment (person_id). Rows of the register are found by a list of keys.
-- Plan: by rows
WITH closed AS (
    UPDATE registry_enrolment e
       SET active_until = greatest(%(day)s::date, e.active_from), change_id = %(change)s
      FROM {person} s
      JOIN registry_person p ON p.id = s.person_id
     WHERE e.person_id = ANY(ARRAY(SELECT person_id FROM {person} WHERE kind = 'removal'))
       AND p.id = ANY(ARRAY(SELECT person_id FROM {person} WHERE kind = 'removal'))
       AND e.person_id = p.id AND e.active_until IS NULL AND e.change_id <> %(change)s
       AND s.kind = 'removal' AND p.status = 'removed' AND p.change_id = %(change)s
    RETURNING 1
)
SELECT count(*) FROM closed
