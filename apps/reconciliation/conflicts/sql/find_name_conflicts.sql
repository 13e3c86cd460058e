-- Purpose: pairs whose names differ by more than the spelling (their keys differ).
-- Parameters: none. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'name_differs', pair_id, record_id, person_id, NULL, village_id, 'name', p_name, l_name
  FROM {links}
 WHERE is_joined AND basis <> 'nik_alone' AND l_key <> '' AND p_key <> '' AND l_key <> p_key
   AND upper(l_name) <> upper(p_name)
