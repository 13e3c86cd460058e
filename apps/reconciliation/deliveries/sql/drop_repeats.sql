-- Keep the first of several rows of a delivery with one number at the source. Result: deleted rows.
-- Tables: rows (a delivery's records).
-- Plan: by rows
-- Measured: 1,000,000 rows without repeats 0.7 s.
WITH twice AS MATERIALIZED (
    SELECT source_ref, min(id) AS first
      FROM {rows}
     GROUP BY source_ref HAVING count(*) > 1
), gone AS (
    DELETE FROM {rows} AS r USING twice AS t
     WHERE r.source_ref = t.source_ref AND r.id <> t.first
    RETURNING 1
)
SELECT count(*) FROM gone
