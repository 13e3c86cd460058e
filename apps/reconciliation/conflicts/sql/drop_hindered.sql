-- Purpose: answers that were sent back are not written.
-- Tables: taken. Result: number of deleted rows.
-- Plan: one table
WITH gone AS (DELETE FROM {taken} WHERE obstacle <> '' RETURNING 1)
SELECT count(*) FROM gone
