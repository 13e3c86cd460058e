-- The persons who are corrected by their id, with all their future values.
--
-- A person who is not active, or whom the same Change has written already, is not changed.
-- Tables: rows (correcting.CORRECTIONS), update (made here)
-- Result: table update = id, change_id, field, value, day, kk, old_family_id, family_id, village_id, nik,
--         is_nik_disputed, status and the person's fields
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
CREATE UNLOGGED TABLE {update} AS
SELECT p.id, r.change_id, r.field, r.value, r.day, coalesce(r.kk, '') AS kk,
       p.family_id AS old_family_id, p.family_id,
       CASE r.field WHEN 'village' THEN r.value ELSE p.village_id END AS village_id,
       CASE r.field WHEN 'nik' THEN r.value ELSE p.nik END AS nik,
       CASE r.field WHEN 'nik' THEN false WHEN 'nik_disputed' THEN true
                    ELSE p.is_nik_disputed END AS is_nik_disputed,
       CASE r.field WHEN 'removed' THEN 'removed' ELSE p.status END AS status,
       CASE r.field WHEN 'name' THEN r.value ELSE p.name END AS name,
       CASE r.field WHEN 'title' THEN r.value ELSE p.title END AS title,
       CASE r.field WHEN 'birth_place' THEN r.value ELSE p.birth_place END AS birth_place,
       CASE r.field WHEN 'birth_date' THEN r.value::date ELSE p.birth_date END AS birth_date,
       CASE r.field WHEN 'sex' THEN r.value ELSE p.sex END AS sex,
       CASE r.field WHEN 'mother_name' THEN r.value ELSE p.mother_name END AS mother_name,
       CASE r.field WHEN 'relation' THEN r.value ELSE p.relation END AS relation,
       CASE r.field WHEN 'occupation' THEN r.value ELSE p.occupation END AS occupation,
       CASE r.field WHEN 'marital_status' THEN r.value ELSE p.marital_status END AS marital_status,
       CASE r.field WHEN 'disability_kind' THEN r.value ELSE p.disability_kind END AS disability_kind
  FROM {rows} r
  JOIN registry_person p ON p.id = r.person_id
 WHERE p.id = ANY(ARRAY(SELECT person_id FROM {rows}))
   AND p.status = 'active' AND p.change_id <> r.change_id
