-- End families whose last active member moved to another family or was removed by a correction.
--
-- Tables: update. Result: how many
-- Index: registry_person (family_id), registry_family's primary key by a list of keys.
-- Plan: by rows
WITH ended AS (
    UPDATE registry_family f
       SET is_active = false, change_id = former.change_id
      FROM (SELECT old_family_id AS id, min(change_id) AS change_id
              FROM {update}
             WHERE field = 'removed' OR family_id <> old_family_id
             GROUP BY old_family_id) AS former
     WHERE f.id = ANY(ARRAY(SELECT old_family_id FROM {update}))
       AND f.id = former.id AND f.is_active AND f.change_id <> former.change_id
       AND NOT EXISTS (SELECT FROM (SELECT p.status FROM registry_person p
                                     WHERE p.family_id = f.id OFFSET 0) AS p
                        WHERE p.status = 'active')
    RETURNING 1
)
SELECT count(*) FROM ended
