-- The drafts among the staged rows, locked, with the keys that they keep.
-- Parameters: batch. Tables: staging, ids (is made: row_number, id, status).
-- Plan: by rows
CREATE UNLOGGED TABLE {ids} AS
SELECT p.row_number, p.id, p.status
  FROM proposals_proposal AS p
 WHERE p.batch_id = %(batch)s AND p.row_number IN (SELECT row_number FROM {staging})
 ORDER BY p.id
   FOR UPDATE
