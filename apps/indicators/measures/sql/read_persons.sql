-- The active persons of the register, without made-up ones.
-- Parameters: disability_ppks (kinds of PPKS that say so, registry.models.rules).
-- Result: village_id, birth_date, has_disability (a kind of it, or such a PPKS).
SELECT p.village_id, p.birth_date,
       p.disability_kind <> '' OR p.ppks && %(disability_ppks)s::smallint[] AS has_disability
  FROM registry_person AS p
 WHERE p.status = 'active' AND p.id NOT IN (SELECT person_id FROM registry_canary)
