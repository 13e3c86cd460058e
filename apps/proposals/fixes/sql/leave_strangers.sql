-- Purpose: rows that seem to be about another person are not changed.
-- Parameters: numbers. Tables: changes (row_number). Result: none.
-- Plan: one table
DELETE FROM {changes} WHERE row_number = ANY(%(numbers)s)
