-- The number of refused rows of a register file by fault.
--
-- Tables: checked. Result: code, rows
SELECT fault, count(*)
  FROM {checked} CROSS JOIN LATERAL unnest(faults) AS fault
 GROUP BY fault
 ORDER BY fault
