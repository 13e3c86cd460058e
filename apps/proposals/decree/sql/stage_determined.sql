-- Purpose: the determined proposals of one part of a decree, in the form that the register takes.
--
-- Parameters: decree, low, high (village codes of the part). Tables: staged (made here)
-- Result: table staged = registry.changes.COLUMNS
-- A move is taken over if a reviewer confirmed it for this comparison (checks.identity).
-- Index: proposals_proposal (decree_id), proposals_registeredmatch's primary key.
-- Plan: by rows
CREATE UNLOGGED TABLE {staged} AS
SELECT p.id AS row_number, p.kind, p.nik, p.kk, p.name, p.title, p.birth_place, p.birth_date, p.sex,
       p.mother_name, p.relation, p.occupation, p.marital_status, p.disability_kind, p.ppks,
       p.village_id, p.address, p.rt, p.rw, p.location, p.verdict AS location_verdict,
       ARRAY[p.programme_id::text] AS programmes, p.id::text AS source_ref,
       coalesce(m.move = 'confirmed', false) AS move_confirmed
  FROM proposals_proposal p
  LEFT JOIN proposals_registeredmatch m ON m.proposal_id = p.id
 WHERE p.decree_id = %(decree)s AND p.village_id >= %(low)s AND p.village_id < %(high)s
