-- The active persons of the register, without made-up ones.
-- Result: village_id, birth_date, has_disability (a kind of it, or PPKS 5 or 9).
SELECT p.village_id, p.birth_date,
       p.disability_kind <> '' OR p.ppks && ARRAY[5, 9]::smallint[] AS has_disability
  FROM registry_person AS p
 WHERE p.status = 'active' AND p.id NOT IN (SELECT person_id FROM registry_canary)
