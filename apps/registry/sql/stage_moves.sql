-- The destinations of persons who move to another village: one row for each family that they leave.
--
-- A person's village is that of the family. A person who moves joins the active family of the given
-- KK in that village. Otherwise, where all active members move there together, the family itself
-- moves. Otherwise those who move become a new family, with the given KK where no active family has
-- it. A person who moves to another KK inside the village (`is_here`) never takes the old family
-- along.
-- Tables: update, move (made here)
-- Result: table move = old_family_id, village_id, how (joined, whole, new), family_id, kk, change_id,
--         is_here, given_kk (of those who stay in the village)
-- Index: registry_family_kk, registry_person (family_id); each row looks up by key (OFFSET 0).
-- Plan: by rows
CREATE UNLOGGED TABLE {move} AS
SELECT m.old_family_id, m.village_id, m.change_id, m.is_here, m.given_kk,
       CASE WHEN j.id IS NOT NULL THEN 'joined'
            WHEN m.movers = a.members AND NOT m.is_here THEN 'whole' ELSE 'new' END AS how,
       CASE WHEN j.id IS NOT NULL THEN j.id
            WHEN m.movers = a.members AND NOT m.is_here THEN m.old_family_id
            ELSE nextval('registry_family_id_seq') END AS family_id,
       CASE WHEN h.id IS NULL AND m.of_kk = 1 THEN nullif(m.kk, '') END AS kk
  FROM (SELECT u.old_family_id, u.village_id, h.is_here, CASE WHEN h.is_here THEN u.kk END AS given_kk,
               max(u.kk) AS kk, min(u.change_id) AS change_id, count(*) AS movers,
               row_number() OVER (PARTITION BY max(u.kk) ORDER BY min(u.change_id)) AS of_kk
          FROM {update} u
         CROSS JOIN LATERAL (SELECT village_id = u.village_id AS is_here FROM registry_family
                              WHERE id = u.old_family_id OFFSET 0) AS h
         WHERE u.field = 'village'
         GROUP BY u.old_family_id, u.village_id, h.is_here, CASE WHEN h.is_here THEN u.kk END) AS m
  LEFT JOIN LATERAL (SELECT id FROM registry_family
                      WHERE kk = m.kk AND is_active AND village_id = m.village_id
                        AND id <> m.old_family_id OFFSET 0) AS j ON true
  LEFT JOIN LATERAL (SELECT id FROM registry_family
                      WHERE kk = m.kk AND is_active OFFSET 0) AS h ON true
 CROSS JOIN LATERAL (SELECT count(*) AS members
                       FROM (SELECT status FROM registry_person
                              WHERE family_id = m.old_family_id OFFSET 0) AS p
                      WHERE p.status = 'active') AS a
