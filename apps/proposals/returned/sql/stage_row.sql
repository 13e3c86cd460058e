-- Purpose: put one row, as text, into its staging table.
-- Parameters: row (jsonb by column). Tables: staging (gets the row). Result: none.
-- Plan: one table
INSERT INTO {staging}
SELECT typed.* FROM jsonb_populate_record(NULL::{staging}, %(row)s) AS typed
