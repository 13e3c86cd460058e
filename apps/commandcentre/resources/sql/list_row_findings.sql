-- The findings of checked rows, one line each.
-- Tables: checked (row_number, findings, params). Result: row_number, code, params.
SELECT c.row_number, f.code, c.params
  FROM {checked} AS c CROSS JOIN LATERAL unnest(c.findings) AS f (code)
 ORDER BY c.row_number
