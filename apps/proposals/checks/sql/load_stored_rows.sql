-- Loads rows of a checked batch with their present values into a staging table, if the database has
-- their text: held rows, and rows that were changed or dropped since the file was read.
-- Parameters: batch. Tables: wanted (row_number), staging (gets rows).
-- Result: the wanted row numbers that are only in the stored file.
-- Plan: by rows
WITH known AS MATERIALIZED (
    SELECT w.row_number, coalesce(h.values, f.values) AS values
      FROM {wanted} AS w
      LEFT JOIN proposals_heldrow AS h ON h.batch_id = %(batch)s AND h.row_number = w.row_number
      LEFT JOIN LATERAL (
           SELECT l.values FROM proposals_fixedrow AS l
            WHERE l.batch_id = %(batch)s AND l.row_number = w.row_number
            ORDER BY l.fix_id DESC LIMIT 1) AS f ON h.id IS NULL
), brought AS (
    INSERT INTO {staging}
    SELECT n.*
      FROM known AS k
      LEFT JOIN LATERAL (
           SELECT (params ->> 'count')::int AS extra FROM proposals_finding
            WHERE batch_id = %(batch)s AND row_number = k.row_number AND code = 'extra_cells'
            LIMIT 1) AS e ON true
      LEFT JOIN proposals_droppedrow AS d
        ON d.batch_id = %(batch)s AND d.row_number = k.row_number
     CROSS JOIN LATERAL jsonb_populate_record(NULL::{staging}, k.values || jsonb_build_object(
           'row_number', k.row_number, 'extra_cells', coalesce(e.extra, d.extra_cells, 0))) AS n
     WHERE k.values IS NOT NULL
)
SELECT row_number FROM known WHERE values IS NULL
