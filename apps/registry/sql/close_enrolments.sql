-- Ends enrolments on the day of the decision, with the reason: all open ones of removed persons, and
-- those that a row ends by itself.
--
-- Parameters: change, day. Tables: rows, person. Result: how many
-- Index: registry_enrolment (person_id). Rows of the register are found by a list of keys.
-- Plan: by rows
WITH asked AS MATERIALIZED (
    SELECT s.person_id, r.ends, r.reason, r.programmes
      FROM {rows} r
      JOIN {person} s ON s.nik = r.nik
     WHERE r.kind = 'removal' AND NOT s.is_new
     UNION ALL
    SELECT s.person_id, s.ends, s.reason, s.programmes
      FROM {person} s
     WHERE s.nik IS NULL AND s.kind = 'removal' AND NOT s.is_new
), removed AS MATERIALIZED (
    SELECT p.id FROM registry_person p
     WHERE p.id = ANY(ARRAY(SELECT person_id FROM asked WHERE ends <> 'enrolment'))
       AND p.status = 'removed' AND p.change_id = %(change)s
), ending AS MATERIALIZED (
    SELECT DISTINCT ON (e.id) e.id, a.reason
      FROM registry_enrolment e
      JOIN asked a ON a.person_id = e.person_id
     WHERE e.person_id = ANY(ARRAY(SELECT person_id FROM asked))
       AND e.active_until IS NULL AND e.change_id <> %(change)s
       AND CASE WHEN a.ends = 'enrolment' THEN e.programme_id = ANY(a.programmes)
                ELSE a.person_id IN (SELECT id FROM removed) END
     ORDER BY e.id, a.ends = 'enrolment'
), closed AS (
    UPDATE registry_enrolment e
       SET active_until = greatest(%(day)s::date, e.active_from), end_reason = n.reason,
           change_id = %(change)s
      FROM ending n
     WHERE e.id = ANY(ARRAY(SELECT id FROM ending)) AND e.id = n.id
    RETURNING 1
)
SELECT count(*) FROM closed
