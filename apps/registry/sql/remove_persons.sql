-- Remove the persons whose removal was decided, with reason and date. Their row and its history
-- are kept; their NIK may be registered again.
--
-- Parameters: change. Tables: person. Result: how many
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH removed AS (
    UPDATE registry_person p
       SET status = 'removed', end_reason = s.reason, end_date = s.reason_date,
           change_id = %(change)s
      FROM {person} s
     WHERE p.id = ANY(ARRAY(SELECT person_id FROM {person} WHERE kind = 'removal' AND NOT is_new))
       AND p.id = s.person_id AND s.kind = 'removal' AND s.ends <> 'enrolment' AND NOT s.is_new AND p.status = 'active'
       AND p.change_id <> %(change)s
    RETURNING 1
)
SELECT count(*) FROM removed
