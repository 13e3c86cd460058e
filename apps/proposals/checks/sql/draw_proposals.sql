-- Stored proposals as rows of `tidy`, which the comparison with the register reads.
-- Tables: wanted (id), tidy (is made; row_number is the proposal's id).
-- Index: proposals_proposal's primary key, by a list of ids.
-- Plan: by rows
CREATE UNLOGGED TABLE {tidy} AS
SELECT p.id AS row_number, p.kind, p.programme_id, p.village_id, p.nik, 'plain' AS nik_form, p.kk,
       'plain' AS kk_form, ARRAY['', upper(p.name)] AS names, p.birth_date, p.sex, p.mother_name,
       p.address, p.rt, p.rw, ST_Y(p.location) AS latitude, ST_X(p.location) AS longitude,
       p.identity_note
  FROM proposals_proposal AS p
 WHERE p.id = ANY(ARRAY(SELECT id FROM {wanted}))
