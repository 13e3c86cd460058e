-- Record the effect of each Change: one person corrected, moved or removed, or aid that ended.
--
-- Tables: update. Result: how many Changes
-- Plan: by rows
WITH noted AS (
    UPDATE registry_change c
       SET rows = d.rows
      FROM (SELECT change_id, jsonb_object_agg(field, persons) AS rows
              FROM (SELECT change_id, field, count(*) AS persons
                      FROM {update} GROUP BY change_id, field) AS of_field
             GROUP BY change_id) AS d
     WHERE c.id = ANY(ARRAY(SELECT change_id FROM {update})) AND c.id = d.change_id
    RETURNING 1
)
SELECT count(*) FROM noted
