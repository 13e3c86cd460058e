-- Purpose: pairs with different dates of birth.
-- Parameters: none. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'birth_differs', pair_id, record_id, person_id, NULL, village_id, 'birth_date',
       p_birth::text, l_birth::text
  FROM {links}
 WHERE is_joined AND basis <> 'nik_alone' AND p_birth <> l_birth
