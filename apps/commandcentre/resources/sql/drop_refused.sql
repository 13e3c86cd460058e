-- Remove the rows that cannot be taken.
-- Parameters: rows (numbers). Tables: checked.
DELETE FROM {checked} WHERE row_number = ANY (%(rows)s::bigint[])
