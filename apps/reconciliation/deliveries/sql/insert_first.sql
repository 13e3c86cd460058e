-- The staged rows of a source's first delivery become its records.
-- Tables: rows (as reconciliation_record). Result: none.
-- Plan: one table
INSERT INTO reconciliation_record SELECT * FROM {rows}
