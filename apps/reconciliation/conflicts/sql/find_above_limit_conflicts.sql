-- Purpose: persons of the register who are ranked above the limit of the source.
-- Parameters: limit. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'above_limit', k.pair_id, k.record_id, k.person_id, NULL, k.village_id, 'enrolments',
       array_to_string(ARRAY(SELECT e.programme_id FROM registry_enrolment e
                              WHERE e.person_id = k.person_id AND e.active_until IS NULL
                              ORDER BY e.programme_id), ';'), k.desil::text
  FROM {links} k
 WHERE k.is_joined AND k.basis <> 'nik_alone' AND k.desil > %(limit)s
