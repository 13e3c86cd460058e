-- How many rows of a register file each fault keeps out.
--
-- Tables: checked. Result: code, rows
SELECT fault, count(*)
  FROM {checked} CROSS JOIN LATERAL unnest(faults) AS fault
 GROUP BY fault
 ORDER BY fault
