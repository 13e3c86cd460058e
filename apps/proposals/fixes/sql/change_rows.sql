-- The rows with their changes, as far as these change anything.
-- Tables: before (rows as they stand), changes (row_number, changes), staging (gets rows).
-- Plan: by rows
INSERT INTO {staging}
SELECT n.*
  FROM {before} AS b
  JOIN {changes} AS c USING (row_number)
 CROSS JOIN LATERAL jsonb_populate_record(b, c.changes) AS n
 WHERE to_jsonb(n) <> to_jsonb(b)
