-- One row for each family that staged persons join or stay in, with its id in the register: known
-- or
-- new.
--
-- A known family keeps its address. Only missing values are taken, and only from a row of its own
-- village, unless one of its rows may move it; that row then decides, one about the house
-- before one that corrects a person only. Empty values keep the register's value. A family that this Change has written already (in an earlier part of it) is not changed.
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
       CASE WHEN t.is_taken THEN s.village_id ELSE f.village_id END AS village_id,
       CASE WHEN t.is_taken OR t.is_here AND f.address = '' THEN s.address ELSE '' END AS address,
       CASE WHEN t.is_taken OR t.is_here AND f.rt = '' THEN s.rt ELSE '' END AS rt,
       CASE WHEN t.is_taken OR t.is_here AND f.rw = '' THEN s.rw ELSE '' END AS rw,
       CASE WHEN t.is_taken OR t.is_here AND f.location IS NULL THEN s.location END AS location,
       CASE WHEN t.is_taken OR t.is_here AND f.location IS NULL THEN s.location_verdict
            ELSE '' END AS location_verdict
  FROM (SELECT DISTINCT ON (kk) kk, village_id, address, rt, rw, location, location_verdict,
               is_moving
          FROM {person}
         WHERE kind <> 'removal'
           AND (is_new OR is_moving AND kk IS NOT NULL OR old_kk = kk)
         ORDER BY kk, is_moving DESC,
                  kind = 'correction' AND address = '' AND rt = '' AND rw = '' AND location IS NULL,
                  row_number) AS s
  LEFT JOIN LATERAL (
       SELECT id, change_id, village_id, address, rt, rw, location FROM registry_family
        WHERE kk = s.kk AND is_active
       OFFSET 0) AS f ON true
 CROSS JOIN LATERAL (
       SELECT f.id IS NULL OR s.is_moving AND f.change_id <> %(change)s AS is_taken,
              f.village_id = s.village_id AS is_here) AS t
