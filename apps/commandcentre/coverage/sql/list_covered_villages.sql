-- The villages of the coverage: with registered families (without made-up ones), or in a zone of a
-- current edition.
-- Result: code, sorted. Index: registry_family_village.
SELECT village_id FROM registry_family
 WHERE is_active AND village_id IS NOT NULL
   AND id NOT IN (SELECT p.family_id FROM registry_canary AS c
                    JOIN registry_person AS p ON p.id = c.person_id)
UNION
SELECT z.village_id
  FROM commandcentre_villagezone AS z
  JOIN commandcentre_zoneedition AS e ON e.id = z.edition_id AND e.is_current
 ORDER BY 1
