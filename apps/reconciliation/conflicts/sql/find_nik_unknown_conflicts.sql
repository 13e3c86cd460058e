-- Purpose: persons whose NIK is not in the civil register and who have no link to a record of it.
-- A delivery covers a regency when it has at least this share of the register's persons there with
-- a
-- NIK. Persons missing in a regency that is not covered raise no question.
-- Parameters: share. Tables: known, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'nik_unknown', NULL, NULL, p.id, NULL, p.village_id, 'nik', p.nik, ''
  FROM registry_person p
  JOIN (SELECT left(r.village_id, 5) AS regency
          FROM registry_person r
          LEFT JOIN {known} k ON k.person_id = r.id
         WHERE r.status = 'active' AND NOT r.is_nik_disputed AND r.nik <> ''
         GROUP BY 1
        HAVING count(k.person_id) >= %(share)s::float * count(*)) AS covered
    ON covered.regency = left(p.village_id, 5)
 WHERE p.status = 'active' AND NOT p.is_nik_disputed AND p.nik <> ''
   AND NOT EXISTS (SELECT FROM registry_canary c WHERE c.person_id = p.id)
   AND NOT EXISTS (SELECT FROM {known} k WHERE k.person_id = p.id)
