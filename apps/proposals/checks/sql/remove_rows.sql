-- Removes the rows of one table from another.
-- Tables: source (row_number), target (row_number). Result: none.
-- Plan: one table
DELETE FROM {target} WHERE row_number IN (SELECT row_number FROM {source})
