-- Purpose: remove dropped rows from the check, after the rows that depend on them are found.
-- Tables: gone, staging (loses these rows).
-- Plan: by rows
DELETE FROM {staging} AS s USING {gone} AS g WHERE s.row_number = g.row_number
