-- As read_families, of some villages: `{villages}` has their codes.
-- Result: village_id, kk, is_located, verdict.
-- Index: registry_family_village; the statement stays on it, whatever the statistics say.
SELECT v.code AS village_id, f.kk, f.location IS NOT NULL AS is_located,
       f.location_verdict AS verdict
  FROM {villages} AS v
 CROSS JOIN LATERAL (SELECT id, kk, location, location_verdict FROM registry_family
                      WHERE village_id = v.code AND is_active OFFSET 0) AS f
 WHERE f.id NOT IN (SELECT p.family_id FROM registry_canary AS c
                      JOIN registry_person AS p ON p.id = c.person_id)
