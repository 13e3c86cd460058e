-- The refused rows of a register file, in the order of the file.
--
-- Tables: checked. Result: row_number, source_ref, faults (codes with spaces between them)
SELECT row_number, source_ref, array_to_string(faults, ' ')
  FROM {checked}
 WHERE faults <> '{{}}'
 ORDER BY row_number
