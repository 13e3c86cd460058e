-- Purpose: the families that a Change wrote, with the event of their state before it (NULL: it made
--   them), and why they cannot be brought back. Filled in later by block_families.
--
-- Parameters: wrong (the Change)
-- Result: id, before (pgh_id), village_id, is_active (of today), old_village_id,
--   old_is_active, old_kk, obstacle ('changed': another Change wrote it since)
-- Index: registry_familyevent (change; pgh_obj); registry_family's primary key (OFFSET 0).
-- Plan: by rows
SELECT a.id, b.pgh_id AS before, f.village_id, f.is_active, b.village_id AS old_village_id,
       b.is_active AS old_is_active, b.kk AS old_kk,
       CASE WHEN f.change_id <> %(wrong)s THEN 'changed' ELSE '' END AS obstacle
  FROM (SELECT pgh_obj_id AS id, min(pgh_id) AS first
          FROM registry_familyevent WHERE change_id = %(wrong)s GROUP BY pgh_obj_id) AS a
  LEFT JOIN LATERAL (SELECT pgh_id, village_id, is_active, kk
                       FROM registry_familyevent
                      WHERE pgh_obj_id = a.id AND pgh_id < a.first
                      ORDER BY pgh_id DESC LIMIT 1) AS b ON true
 CROSS JOIN LATERAL (SELECT village_id, is_active, change_id FROM registry_family
                      WHERE id = a.id OFFSET 0) AS f
