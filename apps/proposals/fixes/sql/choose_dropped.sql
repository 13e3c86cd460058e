-- Purpose: the rows that an earlier change dropped and that are still dropped.
-- Parameters: batch, fix. Tables: back (gets rows: row_number), chosen (gets the same rows).
-- Index: proposals_fixedrow_once (fix, row_number), proposals_droppedrow_once (batch, row_number).
-- Plan: one table
WITH dropped AS MATERIALIZED (
    SELECT f.row_number
      FROM proposals_fixedrow AS f
      JOIN proposals_droppedrow AS d
        ON d.batch_id = f.batch_id AND d.row_number = f.row_number AND d.fix_id = f.fix_id
     WHERE f.fix_id = %(fix)s AND f.batch_id = %(batch)s
), chosen_too AS (
    INSERT INTO {chosen} (row_number) SELECT row_number FROM dropped ON CONFLICT DO NOTHING
)
INSERT INTO {back} (row_number) SELECT row_number FROM dropped
