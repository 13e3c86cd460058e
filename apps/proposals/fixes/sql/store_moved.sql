-- Purpose: store dropped and restored rows: a dropped row is added to the dropped rows, a restored
--   one is removed, and the history gets both with their cells.
-- Parameters: fix, batch. Tables: before (rows before the change), moved (from keep_moved), back.
-- Plan: by rows
WITH gone AS (
    INSERT INTO proposals_droppedrow (batch_id, row_number, fix_id, proposal_key, extra_cells)
    SELECT %(batch)s, row_number, %(fix)s, proposal_key, extra_cells FROM {moved}
), back AS (
    DELETE FROM proposals_droppedrow
     WHERE batch_id = %(batch)s AND row_number IN (SELECT row_number FROM {back})
)
INSERT INTO proposals_fixedrow (fix_id, batch_id, row_number, before, values)
SELECT %(fix)s, %(batch)s, b.row_number, '{{}}', to_jsonb(b) - 'row_number' - 'extra_cells'
  FROM {before} AS b
 WHERE b.row_number IN (SELECT row_number FROM {moved})
    OR b.row_number IN (SELECT row_number FROM {back})
 ORDER BY b.row_number
