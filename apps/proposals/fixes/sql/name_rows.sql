-- Purpose: put given row numbers into a table.
-- Parameters: numbers. Tables: target (row_number). Result: none.
-- Plan: one table
INSERT INTO {target} (row_number) SELECT unnest(%(numbers)s::bigint[])
