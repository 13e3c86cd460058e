-- Collects the neighbours under review: they are checked as context and not changed.
-- Parameters: batch, draft (a status). Tables: near (row_number), context (gets row numbers).
-- Result: none. Index: proposals_proposal by batch and row number.
-- Plan: by key
INSERT INTO {context}
SELECT p.row_number
  FROM proposals_proposal AS p JOIN {near} AS n USING (row_number)
 WHERE p.batch_id = %(batch)s AND p.status <> %(draft)s
