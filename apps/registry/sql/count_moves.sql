-- Known families that now live in another village. The former village is kept in their history.
--
-- Tables: family. Result: how many
SELECT count(*) FROM {family} WHERE NOT is_new AND NOT is_done AND village_id <> old_village_id
