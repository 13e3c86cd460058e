-- As read_persons, of some villages: `{villages}` has their codes.
-- Parameters: disability_ppks.
-- Result: village_id, birth_date, has_disability; id and family_id for read_touched_enrolments, which
-- reads them again.
-- Index: registry_person_village.
SELECT v.code AS village_id, p.birth_date,
       p.disability_kind <> '' OR p.ppks && %(disability_ppks)s::smallint[] AS has_disability,
       p.id, p.family_id
  FROM {villages} AS v
 CROSS JOIN LATERAL (SELECT id, family_id, birth_date, disability_kind, ppks FROM registry_person
                      WHERE village_id = v.code AND status = 'active' OFFSET 0) AS p
 WHERE p.id NOT IN (SELECT person_id FROM registry_canary)
