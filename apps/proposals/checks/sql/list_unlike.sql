-- The pairs of names that are spelled differently, for the pass that compares them.
-- Tables: known (from find_registered_persons). Result: row_number, name, mother_name, birth_date; the same of the
--   register.
SELECT row_number, name, mother_name, birth_date, known_name, known_mother, known_birth_date
  FROM {known} WHERE name_differs OR mother_differs
