-- End families whose last active member moved to another family or was removed.
--
-- Parameters: change. Tables: person. Result: how many
-- Index: registry_person (family_id), registry_family's primary key by a list of keys.
-- Plan: by rows
WITH ended AS (
    UPDATE registry_family f
       SET is_active = false, change_id = %(change)s
      FROM (SELECT DISTINCT s.old_family_id AS id FROM {person} s WHERE NOT s.is_new) AS former
     WHERE f.id = ANY(ARRAY(SELECT old_family_id FROM {person} WHERE NOT is_new))
       AND f.id = former.id AND f.is_active AND f.change_id <> %(change)s
       AND NOT EXISTS (SELECT FROM (SELECT p.status FROM registry_person p
                                     WHERE p.family_id = f.id OFFSET 0) AS p
                        WHERE p.status = 'active')
    RETURNING 1
)
SELECT count(*) FROM ended
