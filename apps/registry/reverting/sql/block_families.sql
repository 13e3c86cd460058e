-- Purpose: mark families that cannot be brought back, by the state of their persons and of the other
--   families; repeated with block_persons until nothing is marked any more.
--
-- Obstacles: 'kk' (another family is active under the former KK), 'person' (somebody who belongs or
-- belonged to it cannot be brought back), 'member' (it would end or move, and somebody lives in it
-- whom the Change did not write).
-- Tables: person, family. Result: how many were marked
-- Index: registry_family_kk, registry_person (family_id) (OFFSET 0).
-- Plan: by rows
WITH barred AS MATERIALIZED (
    SELECT family_id AS id FROM {person} WHERE obstacle <> ''
     UNION
    SELECT old_family_id FROM {person} WHERE obstacle <> '' AND old_family_id IS NOT NULL
), taken AS MATERIALIZED (
    SELECT s.id
      FROM {family} s
     CROSS JOIN LATERAL (SELECT g.id FROM registry_family g
                          WHERE g.kk = s.old_kk AND g.is_active OFFSET 0) AS g
      LEFT JOIN {family} o ON o.id = g.id AND o.obstacle = ''
       AND (o.before IS NULL OR NOT o.old_is_active OR o.old_kk IS DISTINCT FROM s.old_kk)
     WHERE s.obstacle = '' AND s.old_is_active AND g.id <> s.id AND o.id IS NULL
), found AS MATERIALIZED (
    SELECT s.id,
           CASE WHEN s.id IN (SELECT id FROM taken) THEN 'kk'
                WHEN s.id IN (SELECT id FROM barred) THEN 'person'
                WHEN (s.before IS NULL OR NOT s.old_is_active
                      OR s.old_village_id <> s.village_id)
                     AND EXISTS (SELECT FROM (SELECT p.id, p.status FROM registry_person p
                                               WHERE p.family_id = s.id OFFSET 0) AS p
                                  WHERE p.status = 'active'
                                    AND p.id NOT IN (SELECT id FROM {person}))
                THEN 'member' END AS obstacle
      FROM {family} s
     WHERE s.obstacle = ''
), marked AS (
    UPDATE {family} s SET obstacle = found.obstacle
      FROM found
     WHERE s.id = found.id AND found.obstacle IS NOT NULL
    RETURNING 1
)
SELECT count(*) FROM marked
