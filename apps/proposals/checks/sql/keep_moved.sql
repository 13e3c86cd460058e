-- The keys and cells of rows before they are dropped, and the keys of rows that are restored.
-- Parameters: batch. Tables: gone (rows to drop), moved (is made: row_number, proposal_key,
--   extra_cells), back, ids (of keep_ids; gets the restored rows that were drafts).
-- Plan: by rows
WITH back AS (
    INSERT INTO {ids} (row_number, id, status)
    SELECT d.row_number, d.proposal_key, 'draft'
      FROM proposals_droppedrow AS d JOIN {back} AS b USING (row_number)
     WHERE d.batch_id = %(batch)s AND d.proposal_key IS NOT NULL
)
INSERT INTO {moved} (row_number, proposal_key, extra_cells)
SELECT g.row_number, p.id, coalesce(e.extra, 0)
  FROM {gone} AS g
  LEFT JOIN proposals_proposal AS p ON p.batch_id = %(batch)s AND p.row_number = g.row_number
  LEFT JOIN LATERAL (
       SELECT (params ->> 'count')::int AS extra FROM proposals_finding
        WHERE batch_id = %(batch)s AND row_number = g.row_number AND code = 'extra_cells'
        LIMIT 1) AS e ON true
