-- Purpose: the persons that a Change wrote, with the event of their state before it (NULL: it made
--   them), and why they cannot be brought back. Filled in later by block_persons.
--
-- Parameters: wrong (the Change)
-- Result: id, before (pgh_id), family_id, status (of today), old_family_id,
--   old_status, old_nik (NULL: disputed or none), obstacle ('changed': another Change wrote it since)
-- Index: registry_personevent (change; pgh_obj); registry_person's primary key (OFFSET 0).
-- Plan: by rows
SELECT a.id, b.pgh_id AS before, p.family_id, p.status, b.family_id AS old_family_id,
       b.status AS old_status, CASE WHEN NOT b.is_nik_disputed THEN b.nik END AS old_nik,
       CASE WHEN p.change_id <> %(wrong)s THEN 'changed' ELSE '' END AS obstacle
  FROM (SELECT pgh_obj_id AS id, min(pgh_id) AS first
          FROM registry_personevent WHERE change_id = %(wrong)s GROUP BY pgh_obj_id) AS a
  LEFT JOIN LATERAL (SELECT pgh_id, family_id, status, nik, is_nik_disputed
                       FROM registry_personevent
                      WHERE pgh_obj_id = a.id AND pgh_id < a.first
                      ORDER BY pgh_id DESC LIMIT 1) AS b ON true
 CROSS JOIN LATERAL (SELECT family_id, status, change_id FROM registry_person
                      WHERE id = a.id OFFSET 0) AS p
