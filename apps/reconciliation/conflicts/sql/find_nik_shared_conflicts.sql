-- Purpose: one NIK of two people: it agrees, but neither name nor date of birth does.
-- Parameters: none. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'nik_shared', pair_id, record_id, person_id, NULL, village_id, 'nik', p_nik,
       concat_ws(', ', nullif(l_name, ''), l_birth::text)
  FROM {links}
 WHERE basis = 'nik_alone' AND NOT is_nik_disputed AND NOT (is_joined AND is_settled)
