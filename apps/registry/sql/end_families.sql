-- Families whose last active member has gone to another family or was removed.
--
-- Parameters: change. Tables: person. Result: how many
-- Index: registry_person (family_id).
WITH ended AS (
    UPDATE registry_family f
       SET is_active = false, change_id = %(change)s
      FROM (SELECT DISTINCT s.old_family_id AS id FROM {person} s WHERE NOT s.is_new) AS former
     WHERE f.id = former.id AND f.is_active AND f.change_id <> %(change)s
       AND NOT EXISTS (SELECT FROM registry_person p
                        WHERE p.family_id = f.id AND p.status = 'active')
    RETURNING 1
)
SELECT count(*) FROM ended
