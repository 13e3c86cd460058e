-- Purpose: rows that are under review are not changed.
-- Parameters: batch, draft (the status). Tables: staging. Result: how many were left out.
-- Plan: by rows
WITH gone AS (
    DELETE FROM {staging} AS s USING proposals_proposal AS p
     WHERE p.batch_id = %(batch)s AND p.row_number = s.row_number AND p.status <> %(draft)s
    RETURNING s.row_number
)
SELECT count(*) FROM gone
