-- A removal or a correction needs no point: the missing one is no finding.
-- Tables: tidy (from tidy_rows), findings (loses rows). Result: none.
DELETE FROM {findings}
 WHERE code = 'no_point'
   AND row_number IN (SELECT row_number FROM {tidy} WHERE kind IN ('correction', 'removal'))
