-- A row that was a draft before keeps its key, so that links and decisions still find it.
-- Parameters: batch. Tables: ids (from keep_ids).
-- Plan: by rows
WITH matches AS (
    UPDATE proposals_registeredmatch AS m
       SET proposal_id = i.id
      FROM proposals_proposal AS p
      JOIN {ids} AS i USING (row_number)
     WHERE p.batch_id = %(batch)s AND p.status = 'draft' AND p.id <> i.id AND m.proposal_id = p.id
)
UPDATE proposals_proposal AS p
   SET id = i.id
  FROM {ids} AS i
 WHERE p.batch_id = %(batch)s AND p.row_number = i.row_number AND p.status = 'draft' AND p.id <> i.id
