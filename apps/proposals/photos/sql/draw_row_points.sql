-- The points of some rows of a batch, as `points` of the checks.
-- Parameters: batch. Tables: touched (row_number), points (gets rows).
-- Index: proposals_proposal (batch_id, row_number); proposals_heldrow (batch_id, row_number).
-- Plan: by rows
INSERT INTO {points} (row_number, longitude, latitude)
SELECT p.row_number, ST_X(p.location), ST_Y(p.location)
  FROM {touched} JOIN proposals_proposal AS p USING (row_number) WHERE p.batch_id = %(batch)s
 UNION ALL
SELECT h.row_number, ST_X(h.location), ST_Y(h.location)
  FROM {touched} JOIN proposals_heldrow AS h USING (row_number) WHERE h.batch_id = %(batch)s
