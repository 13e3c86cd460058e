-- Remove the rows that cannot be taken.
-- Parameters: rows (numbers). Tables: checked.
-- Plan: one table
DELETE FROM {checked} WHERE row_number = ANY (%(rows)s::bigint[])
