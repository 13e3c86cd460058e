-- The dropped persons, and those who were merged into them earlier, now belong to the kept ones.
--
-- Row, NIK and history of each stay.
-- Parameters: change. Tables: merge. Result: persons dropped now, persons who follow
-- Index: registry_person's primary key, registry_person_survivor. Rows are found by a list of keys.
-- Plan: by rows
WITH dropped AS (
    UPDATE registry_person p
       SET status = 'merged', merged_into_id = m.keep_id, change_id = %(change)s,
           origins = registry_field_origins(p, '{{}}')
      FROM {merge} m
     WHERE p.id = ANY(ARRAY(SELECT drop_id FROM {merge})) AND p.id = m.drop_id
    RETURNING 1
), followed AS (
    UPDATE registry_person p
       SET merged_into_id = m.keep_id, change_id = %(change)s,
           origins = registry_field_origins(p, '{{}}')
      FROM {merge} m
     WHERE p.merged_into_id = ANY(ARRAY(SELECT drop_id FROM {merge}))
       AND p.merged_into_id = m.drop_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM dropped), (SELECT count(*) FROM followed)
