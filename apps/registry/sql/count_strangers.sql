-- Removals of persons who are not in the register.
--
-- Tables: person. Result: how many
SELECT count(*) FROM {person} WHERE kind = 'removal' AND is_new
