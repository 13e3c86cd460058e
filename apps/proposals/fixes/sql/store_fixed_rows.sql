-- Purpose: store the changes row by row: the cells before, and the whole row after. Rows that were
--   only checked again because another row changed are left out.
-- Parameters: fix, batch. Tables: before (rows before the change), staging (current rows),
--   fresh (numbers of the rows that changed).
-- Plan: by rows
INSERT INTO proposals_fixedrow (fix_id, batch_id, row_number, before, values)
SELECT %(fix)s, %(batch)s, s.row_number,
       (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(b)) AS o
         WHERE o.value IS DISTINCT FROM to_jsonb(s) -> o.key),
       to_jsonb(s) - 'row_number' - 'extra_cells'
  FROM {staging} AS s
  JOIN {fresh} AS f USING (row_number)
  JOIN {before} AS b USING (row_number)
 ORDER BY s.row_number
