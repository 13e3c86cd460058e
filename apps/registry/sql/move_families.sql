-- Move families as a whole. A point belongs to its village, so it is removed.
--
-- Tables: move. Result: how many
-- Index: registry_family's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH moved AS (
    UPDATE registry_family f
       SET village_id = m.village_id, location = NULL, location_verdict = '',
           change_id = m.change_id
      FROM {move} m
     WHERE f.id = ANY(ARRAY(SELECT family_id FROM {move} WHERE how = 'whole'))
       AND f.id = m.family_id AND m.how = 'whole'
    RETURNING 1
)
SELECT count(*) FROM moved
