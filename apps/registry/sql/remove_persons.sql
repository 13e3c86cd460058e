-- The persons whose removal was decided. Their row and its history stay.
--
-- Parameters: change. Tables: person. Result: how many
-- Index: registry_person's primary key.
WITH removed AS (
    UPDATE registry_person p
       SET status = 'removed', change_id = %(change)s
      FROM {person} s
     WHERE p.id = s.person_id AND s.kind = 'removal' AND NOT s.is_new AND p.status = 'active'
       AND p.change_id <> %(change)s
    RETURNING 1
)
SELECT count(*) FROM removed
