-- Restore the dropped persons, in the village in which their family lives now.
--
-- Parameters: change (of the undoing). Tables: undone. Result: active again, following again
-- Index: the primary keys of registry_person and registry_family, by lists of keys.
-- Plan: by rows
WITH restored AS (
    UPDATE registry_person p
       SET status = u.old_status, merged_into_id = u.old_merged_into_id,
           village_id = CASE u.old_status WHEN 'active' THEN f.village_id ELSE p.village_id END,
           change_id = %(change)s,
           origins = registry_field_origins(p, '{{}}')
      FROM {undone} u
      JOIN registry_person q ON q.id = u.id
     CROSS JOIN LATERAL (SELECT village_id FROM registry_family
                          WHERE id = q.family_id OFFSET 0) AS f
     WHERE p.id = ANY(ARRAY(SELECT id FROM {undone})) AND p.id = u.id
       AND q.id = ANY(ARRAY(SELECT id FROM {undone}))
    RETURNING u.old_status
)
SELECT count(*) FILTER (WHERE old_status = 'active'),
       count(*) FILTER (WHERE old_status <> 'active')
  FROM restored
