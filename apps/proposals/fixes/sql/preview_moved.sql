-- Purpose: preview of rows that are dropped or restored: how many, the first of them, and the
--   verdicts of the restored ones.
-- Parameters: most_examples. Tables: gone, back, staging, weighed.
-- Result: one json object.
WITH restored AS MATERIALIZED (
    SELECT b.row_number, coalesce(w.severity, 0) < 3 AS is_ready
      FROM {back} AS b
      JOIN {staging} AS s USING (row_number)
      LEFT JOIN {weighed} AS w USING (row_number)
)
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM {gone}) + (SELECT count(*) FROM restored),
    'ready', (SELECT count(*) FROM restored WHERE is_ready),
    'held', (SELECT count(*) FROM restored WHERE NOT is_ready),
    'dropped', (SELECT count(*) FROM {gone}),
    'restored', (SELECT count(*) FROM restored),
    'moved', (SELECT coalesce(jsonb_agg(row_number ORDER BY row_number), '[]')
                FROM (SELECT row_number FROM {gone}
                      UNION ALL SELECT row_number FROM restored
                      ORDER BY row_number LIMIT %(most_examples)s) AS m))
