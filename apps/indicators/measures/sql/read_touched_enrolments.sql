-- As read_enrolments, of some villages: `{villages}` has their codes.
-- Result: village_id, family_id, programme_id.
-- Indexes: registry_person_village, registry_enrolment_open.
SELECT v.code AS village_id, p.family_id, e.programme_id
  FROM {villages} AS v
 CROSS JOIN LATERAL (SELECT id, family_id FROM registry_person
                      WHERE village_id = v.code AND status = 'active' OFFSET 0) AS p
 CROSS JOIN LATERAL (SELECT programme_id FROM registry_enrolment
                      WHERE person_id = p.id AND active_until IS NULL OFFSET 0) AS e
 WHERE p.id NOT IN (SELECT person_id FROM registry_canary)
