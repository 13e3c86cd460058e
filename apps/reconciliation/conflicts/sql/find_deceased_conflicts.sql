-- Purpose: persons who are dead in the civil register and active in ours.
-- Parameters: none. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'deceased', pair_id, record_id, person_id, NULL, village_id, 'status', 'active',
       coalesce(death_date::text, '')
  FROM {links}
 WHERE is_joined AND is_deceased
