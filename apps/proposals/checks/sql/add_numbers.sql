-- Adds row numbers of one table to another that may have some of them.
-- Tables: source (row_number), target (row_number, a key). Result: none.
-- Plan: one table
INSERT INTO {target} (row_number) SELECT row_number FROM {source} ON CONFLICT DO NOTHING
