-- Purpose: persons whom the civil register has in another village, where our tree has that village.
-- Parameters: none. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'moved', k.pair_id, k.record_id, k.person_id, NULL, k.village_id, 'village',
       k.village_id, k.l_village
  FROM {links} k
  JOIN regions_region v ON v.code = k.l_village AND v.level = 'village'
 WHERE k.is_joined AND NOT k.is_deceased AND k.l_village <> k.village_id
