-- Purpose: mark persons that cannot be brought back, by the state of the families and of the other
--   persons; repeated with block_families until nothing is marked any more.
--
-- Obstacles: 'nik' (somebody else is active under the former NIK), 'family' (the former or the
-- present family cannot be brought back, or the former one has ended since).
-- Tables: person, family. Result: how many were marked
-- Index: registry_person_nik, registry_family's primary key (OFFSET 0).
-- Plan: by rows
WITH taken AS MATERIALIZED (
    SELECT s.id
      FROM {person} s
     CROSS JOIN LATERAL (SELECT q.id FROM registry_person q
                          WHERE q.nik = s.old_nik AND q.status = 'active'
                            AND NOT q.is_nik_disputed OFFSET 0) AS q
      LEFT JOIN {person} o ON o.id = q.id AND o.obstacle = ''
       AND (o.before IS NULL OR o.old_status <> 'active' OR o.old_nik IS DISTINCT FROM s.old_nik)
     WHERE s.obstacle = '' AND s.old_status = 'active' AND q.id <> s.id AND o.id IS NULL
), found AS MATERIALIZED (
    SELECT s.id,
           CASE WHEN s.id IN (SELECT id FROM taken) THEN 'nik'
                WHEN s.family_id IN (SELECT id FROM {family} WHERE obstacle <> '')
                  OR s.old_family_id IN (SELECT id FROM {family} WHERE obstacle <> '')
                THEN 'family'
                WHEN s.old_status = 'active'
                     AND s.old_family_id NOT IN (SELECT id FROM {family} WHERE old_is_active)
                     AND NOT EXISTS (SELECT FROM (SELECT f.is_active FROM registry_family f
                                                   WHERE f.id = s.old_family_id OFFSET 0) AS f
                                      WHERE f.is_active)
                THEN 'family' END AS obstacle
      FROM {person} s
     WHERE s.obstacle = ''
), marked AS (
    UPDATE {person} s SET obstacle = found.obstacle
      FROM found
     WHERE s.id = found.id AND found.obstacle IS NOT NULL
    RETURNING 1
)
SELECT count(*) FROM marked
