-- Known families that live in another village now. Their former village stays in their history.
--
-- Tables: family. Result: how many
SELECT count(*) FROM {family} WHERE NOT is_new AND NOT is_done AND village_id <> old_village_id
