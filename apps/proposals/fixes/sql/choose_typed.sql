-- Purpose: the cells typed on a page, as changes of rows.
-- Parameters: typed (jsonb text: row number -> column -> text or null; null for a row without cells).
-- Tables: changes (gets rows: row_number, changes), chosen (gets all of them: row_number).
-- Plan: one table
WITH typed AS MATERIALIZED (
    SELECT key::bigint AS row_number, value FROM jsonb_each(%(typed)s::jsonb)
), all_of_them AS (
    INSERT INTO {chosen} (row_number) SELECT row_number FROM typed
)
INSERT INTO {changes} (row_number, changes)
SELECT row_number, value FROM typed WHERE jsonb_typeof(value) = 'object'
