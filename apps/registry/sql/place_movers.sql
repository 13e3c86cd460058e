-- Assign the new family to the persons who move.
--
-- Tables: update, move.
-- Plan: by rows
UPDATE {update} u
   SET family_id = m.family_id
  FROM {move} m
 WHERE u.field = 'village' AND u.old_family_id = m.old_family_id AND u.village_id = m.village_id
   AND (NOT m.is_here OR m.given_kk = u.kk)
