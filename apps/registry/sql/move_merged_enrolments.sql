-- The open enrolments of the dropped persons: closed on the day, or moved to the kept person.
--
-- Parameters: change, day. Tables: enrolment (merge_enrolments). Result: moved, closed
-- Index: registry_enrolment's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH settled AS (
    UPDATE registry_enrolment e
       SET person_id = CASE s.action WHEN 'move' THEN s.keep_id ELSE e.person_id END,
           village_id = CASE s.action WHEN 'move' THEN s.village_id ELSE e.village_id END,
           active_until = CASE s.action WHEN 'close'
                               THEN greatest(%(day)s::date, e.active_from) END,
           change_id = %(change)s
      FROM {enrolment} s
     WHERE e.id = ANY(ARRAY(SELECT id FROM {enrolment})) AND e.id = s.id
    RETURNING s.action
)
SELECT count(*) FILTER (WHERE action = 'move'), count(*) FILTER (WHERE action = 'close')
  FROM settled
