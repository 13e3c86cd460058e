-- As read_enrolments, of some villages: `{villages}` has their codes, `{persons}` are theirs.
-- Result: village_id, family_id, programme_id.
-- An open enrolment has the village of its person: it moves with it.
-- Index: registry_enrolment_village.
SELECT p.village_id, p.family_id, e.programme_id
  FROM {villages} AS v
 CROSS JOIN LATERAL (SELECT person_id, programme_id FROM registry_enrolment
                      WHERE village_id = v.code AND active_until IS NULL OFFSET 0) AS e
  JOIN {persons} AS p ON p.id = e.person_id
