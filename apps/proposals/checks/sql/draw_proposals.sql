-- Stored proposals as rows of `tidy`, which the comparison with the register reads. Of a correction
-- only the values that it changes: the others were the register's when it was checked.
-- Tables: wanted (id), tidy (is made; row_number is the proposal's id).
-- Index: proposals_proposal's primary key, by a list of ids.
-- Plan: by rows
CREATE UNLOGGED TABLE {tidy} AS
SELECT p.id AS row_number, p.kind, p.programme_id, p.village_id, p.nik, 'plain' AS nik_form,
       CASE WHEN k.is_whole OR k.own ? 'kk' THEN p.kk END AS kk,
       'plain' AS kk_form, ARRAY['', upper(p.name)] AS names,
       CASE WHEN k.is_whole OR k.own ? 'birth_date' THEN p.birth_date END AS birth_date,
       CASE WHEN k.is_whole OR k.own ? 'sex' THEN p.sex END AS sex,
       CASE WHEN k.is_whole OR k.own ? 'mother_name' THEN p.mother_name END AS mother_name,
       CASE WHEN k.is_whole OR k.own ? 'address' THEN p.address END AS address,
       CASE WHEN k.is_whole OR k.own ? 'rt' THEN p.rt END AS rt,
       CASE WHEN k.is_whole OR k.own ? 'rw' THEN p.rw END AS rw,
       ST_Y(p.location) AS latitude, ST_X(p.location) AS longitude,
       p.identity_note
  FROM proposals_proposal AS p
 CROSS JOIN LATERAL (SELECT p.kind <> 'correction' OR p.changes IS NULL AS is_whole,
                            coalesce(p.changes, '{{}}') AS own) AS k
 WHERE p.id = ANY(ARRAY(SELECT id FROM {wanted}))
