-- Purpose: what went back is not written.
-- Tables: taken. Result: how many went.
-- Plan: one table
WITH gone AS (DELETE FROM {taken} WHERE obstacle <> '' RETURNING 1)
SELECT count(*) FROM gone
