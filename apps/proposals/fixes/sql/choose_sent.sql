-- Purpose: the cells of a correction file, as changes of rows.
-- Parameters: batch, mapped (columns that the file has). Tables: sent (row_text, row_number and the
--   columns of staging), changes (gets rows: row_number, changes).
-- A cell that equals the value before a change on the page is no correction: the file was
-- downloaded before that change. Index: proposals_fixedrow_row.
-- Plan: by rows
INSERT INTO {changes} (row_number, changes)
SELECT s.row_number, c.changes
  FROM {sent} AS s
 CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_object_agg(cell.key, cell.value), '{{}}') AS changes
         FROM jsonb_each(to_jsonb(s)) AS cell
        WHERE cell.key = ANY (%(mapped)s)
          AND NOT EXISTS (SELECT FROM proposals_fixedrow AS f
                           WHERE f.batch_id = %(batch)s AND f.row_number = s.row_number
                             AND f.before ? cell.key AND f.before -> cell.key = cell.value)
       ) AS c
