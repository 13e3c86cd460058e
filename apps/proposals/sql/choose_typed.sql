-- What was typed on a page, as changes of rows.
-- Parameters: typed (jsonb text: row number -> column -> text or null).
-- Tables: changes (gets rows: row_number, changes).
-- Plan: one table
INSERT INTO {changes} (row_number, changes)
SELECT key::bigint, value FROM jsonb_each(%(typed)s::jsonb)
