-- One row per family of the staged persons, with the family's id in the register: known or new.
--
-- A family that this Change has written already (an earlier part of it) stays as that part left it.
-- Parameters: change. Tables: person, family (made here)
-- Result: table family = id, is_new, is_done, old_village_id, kk, village_id, address, rt, rw,
--         location, location_verdict
-- Index: registry_family_kk; each row looks its family up by key (OFFSET 0).
-- Plan: by rows
CREATE UNLOGGED TABLE {family} AS
SELECT coalesce(f.id, nextval('registry_family_id_seq')) AS id,
       f.id IS NULL AS is_new,
       coalesce(f.change_id = %(change)s, false) AS is_done,
       f.village_id AS old_village_id,
       s.kk,
       CASE WHEN f.change_id = %(change)s THEN f.village_id ELSE s.village_id END AS village_id,
       s.address, s.rt, s.rw, s.location, s.location_verdict
  FROM (SELECT DISTINCT ON (kk) kk, village_id, address, rt, rw, location, location_verdict
          FROM {person}
         WHERE kind <> 'removal'
         ORDER BY kk, row_number) AS s
  LEFT JOIN LATERAL (
       SELECT id, change_id, village_id FROM registry_family
        WHERE kk = s.kk AND is_active
       OFFSET 0) AS f ON true
