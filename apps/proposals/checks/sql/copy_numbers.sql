-- Makes a table of the row numbers of another one.
-- Tables: source (row_number), target (is made). Result: none.
-- Plan: one table
CREATE UNLOGGED TABLE {target} AS SELECT row_number FROM {source}
