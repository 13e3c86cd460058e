-- The dropped persons to be restored to their state before a merge, and those merged into them
-- before.
--
-- Parameters: change (the merge's), keeps (bigint[]: the kept persons). Tables: undone (made here)
-- Result: table undone = id, keep_id, old_status, old_merged_into_id
-- Index: registry_personevent (change; pgh_obj); registry_person's primary key (OFFSET 0).
-- Plan: by rows
CREATE UNLOGGED TABLE {undone} AS
SELECT p.id, a.keep_id, b.status AS old_status, b.merged_into_id AS old_merged_into_id
  FROM (SELECT pgh_obj_id AS id, min(pgh_id) AS first, min(merged_into_id) AS keep_id
          FROM registry_personevent
         WHERE change_id = %(change)s AND status = 'merged'
           AND merged_into_id = ANY(%(keeps)s::bigint[])
         GROUP BY pgh_obj_id) AS a
 CROSS JOIN LATERAL (SELECT status, merged_into_id FROM registry_personevent
                      WHERE pgh_obj_id = a.id AND pgh_id < a.first
                      ORDER BY pgh_id DESC LIMIT 1) AS b
 CROSS JOIN LATERAL (SELECT id, status, merged_into_id FROM registry_person
                      WHERE id = a.id OFFSET 0) AS p
 WHERE p.status = 'merged' AND p.merged_into_id = a.keep_id
