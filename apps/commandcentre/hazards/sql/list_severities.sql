-- How many polygons can be used, by the value of the severity column, and how many cannot.
-- Tables: shapes (row_number, severity, shape, flag). A field that is empty in the file is null.
-- Result: is_used, severity ("" without one), polygons.
SELECT flag IS NULL AS is_used, coalesce(severity, '') AS severity, count(*) AS polygons
  FROM {shapes}
 GROUP BY 1, 2
 ORDER BY 1, 2
