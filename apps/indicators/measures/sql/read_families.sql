-- The active families of the register, without those of made-up persons.
-- Result: village_id, kk, is_located, verdict. Measured: with count_villages.
SELECT f.village_id, f.kk, f.location IS NOT NULL AS is_located, f.location_verdict AS verdict
  FROM registry_family AS f
 WHERE f.is_active
   AND f.id NOT IN (SELECT p.family_id FROM registry_canary AS c
                      JOIN registry_person AS p ON p.id = c.person_id)
