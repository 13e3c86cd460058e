-- Purpose: two NIKs of one person: two persons of the register linked to one record, or two numbers
-- in a pair.
-- Parameters: is_civil. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'nik_twice', k.pair_id, k.record_id, k.person_id, o.first_id, k.village_id, 'person',
       k.p_nik, k.l_nik
  FROM {links} k
  JOIN (SELECT record_id, min(person_id) AS first_id
          FROM {links} WHERE is_joined AND basis <> 'nik_alone'
         GROUP BY record_id HAVING count(DISTINCT person_id) > 1) AS o USING (record_id)
 WHERE k.is_joined AND k.basis <> 'nik_alone' AND k.person_id <> o.first_id
 UNION ALL
SELECT 'nik_twice', k.pair_id, k.record_id, k.person_id, NULL, k.village_id, 'nik', k.p_nik,
       k.l_nik
  FROM {links} k
 WHERE %(is_civil)s AND k.is_joined AND k.basis <> 'nik_alone'
   AND k.p_nik <> '' AND k.l_nik <> '' AND k.p_nik <> k.l_nik
   AND NOT EXISTS (SELECT FROM {links} o WHERE o.record_id = k.record_id AND o.is_joined
                      AND o.person_id <> k.person_id)
