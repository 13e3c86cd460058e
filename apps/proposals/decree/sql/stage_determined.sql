-- Purpose: the determined proposals of one part of a decree, in the form that the register takes.
--
-- Parameters: decree, low, high (village codes of the part). Tables: staged (made here)
-- Result: table staged = registry.changes.COLUMNS
-- A move is taken over if a reviewer confirmed it for this comparison (checks.identity). A correction
-- brings only the fields that it changes; what it does not name is empty, or what the register has
-- today, so that the family stays where it is. It opens no enrolment.
-- Index: proposals_proposal (decree_id), primary keys of proposals_registeredmatch, registry_person
--   and registry_family, registry_family_kk.
-- Plan: by rows
CREATE UNLOGGED TABLE {staged} AS
SELECT p.id AS row_number, p.kind, p.ends, p.reason, p.reason_date, p.nik,
       CASE WHEN w.takes_all OR w.own ? 'kk' THEN p.kk ELSE h.kk END AS kk,
       CASE WHEN w.takes_all OR w.own ? 'name' THEN p.name ELSE '' END AS name,
       CASE WHEN w.takes_all OR w.own ? 'name' THEN p.title ELSE '' END AS title,
       CASE WHEN w.takes_all OR w.own ? 'birth_place' THEN p.birth_place ELSE '' END AS birth_place,
       CASE WHEN w.takes_all OR w.own ? 'birth_date' THEN p.birth_date END AS birth_date,
       CASE WHEN w.takes_all OR w.own ? 'sex' THEN p.sex ELSE '' END AS sex,
       CASE WHEN w.takes_all OR w.own ? 'mother_name' THEN p.mother_name ELSE '' END AS mother_name,
       CASE WHEN w.takes_all OR w.own ? 'relation' THEN p.relation ELSE '' END AS relation,
       CASE WHEN w.takes_all OR w.own ? 'occupation' THEN p.occupation ELSE '' END AS occupation,
       CASE WHEN w.takes_all OR w.own ? 'marital_status' THEN p.marital_status ELSE ''
            END AS marital_status,
       CASE WHEN w.takes_all OR w.own ? 'disability_kind' THEN p.disability_kind ELSE ''
            END AS disability_kind,
       CASE WHEN w.takes_all OR w.own ? 'ppks' THEN p.ppks ELSE '{{}}' END AS ppks,
       CASE WHEN w.takes_all OR w.own ? 'village' THEN p.village_id
            WHEN w.own ? 'kk' THEN coalesce(j.village_id, h.village_id, p.village_id)
            ELSE coalesce(h.village_id, p.village_id) END AS village_id,
       CASE WHEN w.takes_all OR w.own ? 'address' THEN p.address ELSE '' END AS address,
       CASE WHEN w.takes_all OR w.own ? 'rt' THEN p.rt ELSE '' END AS rt,
       CASE WHEN w.takes_all OR w.own ? 'rw' THEN p.rw ELSE '' END AS rw,
       CASE WHEN w.takes_all OR w.own ? 'location' THEN p.location END AS location,
       CASE WHEN w.takes_all OR w.own ? 'location' THEN p.verdict ELSE '' END AS location_verdict,
       CASE WHEN p.kind = 'correction' THEN ARRAY[]::text[]
            ELSE ARRAY[p.programme_id::text] END AS programmes,
       p.id::text AS source_ref, coalesce(m.move = 'confirmed', false) AS move_confirmed
  FROM proposals_proposal p
  LEFT JOIN proposals_registeredmatch m ON m.proposal_id = p.id
 CROSS JOIN LATERAL (SELECT p.kind <> 'correction' OR p.changes IS NULL AS takes_all,
                            coalesce(p.changes, '{{}}') AS own) AS w
  LEFT JOIN LATERAL (  -- the family in which the person is
       SELECT f.kk, f.village_id
         FROM registry_person r JOIN registry_family f ON f.id = r.family_id
        WHERE r.id = p.person_id AND NOT w.takes_all OFFSET 0) AS h ON true
  LEFT JOIN LATERAL (  -- the family that the person joins
       SELECT f.village_id FROM registry_family f
        WHERE f.kk = p.kk AND f.is_active AND w.own ? 'kk' OFFSET 0) AS j ON true
 WHERE p.decree_id = %(decree)s AND p.village_id >= %(low)s AND p.village_id < %(high)s
