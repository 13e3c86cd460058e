-- A row that was a draft before keeps its key, so that links and decisions still find it.
-- Parameters: batch. Tables: ids (from keep_ids).
-- Plan: by rows
UPDATE proposals_proposal AS p
   SET id = i.id
  FROM {ids} AS i
 WHERE p.batch_id = %(batch)s AND p.row_number = i.row_number AND p.status = 'draft' AND p.id <> i.id
