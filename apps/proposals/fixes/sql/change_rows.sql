-- Purpose: the rows with their changes applied; rows without a difference are left out.
-- Tables: before (current rows), changes (row_number, changes), staging (gets rows).
-- Plan: by rows
INSERT INTO {staging}
SELECT n.*
  FROM {before} AS b
  JOIN {changes} AS c USING (row_number)
 CROSS JOIN LATERAL jsonb_populate_record(b, c.changes) AS n
 WHERE to_jsonb(n) <> to_jsonb(b)
