-- Purpose: rows of a correction file about another person: NIK, family card and name all differ.
-- Tables: before (current rows), sent. Result: row_number, in order.
SELECT b.row_number
  FROM {before} AS b
  JOIN {sent} AS s USING (row_number)
 WHERE b.nik IS DISTINCT FROM s.nik AND b.kk IS DISTINCT FROM s.kk
   AND b.name IS DISTINCT FROM s.name
 ORDER BY b.row_number
