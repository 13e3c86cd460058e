-- What was changed, row by row: the cells as they were, and the whole row since then.
-- A row that was only looked at again, because another changed, is none of them.
-- Parameters: fix, batch. Tables: before (rows as they stood), staging (rows as they stand now),
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
