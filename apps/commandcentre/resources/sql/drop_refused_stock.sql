-- Remove the rows that cannot be taken.
-- Parameters: rows (numbers). Tables: given.
-- Plan: one table
DELETE FROM {given} WHERE row_number = ANY (%(rows)s::bigint[])
