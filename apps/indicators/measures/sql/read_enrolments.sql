-- The open enrolments of active persons, without made-up ones.
-- Result: village_id, family_id, programme_id.
SELECT p.village_id, p.family_id, e.programme_id
  FROM registry_enrolment AS e
  JOIN registry_person AS p ON p.id = e.person_id
 WHERE e.active_until IS NULL AND p.status = 'active'
   AND p.id NOT IN (SELECT person_id FROM registry_canary)
