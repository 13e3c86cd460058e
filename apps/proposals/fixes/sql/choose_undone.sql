-- Purpose: the cells that undo an earlier change, as far as they still have the value it gave them.
-- Parameters: fix. Tables: changes (gets rows: row_number, changes).
-- A cell that was changed again since is kept. Index: proposals_fixedrow_once (fix, row_number),
-- proposals_fixedrow_row (batch, row_number).
-- Plan: by rows
INSERT INTO {changes} (row_number, changes)
SELECT f.row_number, c.changes
  FROM proposals_fixedrow AS f
 CROSS JOIN LATERAL (
       SELECT l.values FROM proposals_fixedrow AS l
        WHERE l.batch_id = f.batch_id AND l.row_number = f.row_number ORDER BY l.fix_id DESC LIMIT 1
       ) AS latest
 CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(b.key, b.value) AS changes FROM jsonb_each(f.before) AS b
        WHERE latest.values -> b.key IS NOT DISTINCT FROM f.values -> b.key
       ) AS c
 WHERE f.fix_id = %(fix)s AND c.changes IS NOT NULL
