-- Makes the table into which the lines of a file are copied.
-- Tables: rows. Result: none.
-- Plan: one table
CREATE UNLOGGED TABLE {rows} (
    row_number bigint, layer text, class text, name text, shape geometry(Geometry, 4326), flag text)
