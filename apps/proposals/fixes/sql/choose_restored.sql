-- Purpose: the rows that an earlier change restored, if no later change touched them.
-- Parameters: batch, fix. Tables: gone (gets rows: row_number), chosen (gets the same rows).
-- Index: proposals_fixedrow_once (fix, row_number), proposals_fixedrow_row (batch, row_number).
-- Plan: one table
WITH restored AS MATERIALIZED (
    SELECT f.row_number
      FROM proposals_fixedrow AS f
     WHERE f.fix_id = %(fix)s
       AND NOT EXISTS (SELECT FROM proposals_fixedrow AS l
                        WHERE l.batch_id = %(batch)s AND l.row_number = f.row_number
                          AND l.fix_id > f.fix_id)
), chosen_too AS (
    INSERT INTO {chosen} (row_number) SELECT row_number FROM restored ON CONFLICT DO NOTHING
)
INSERT INTO {gone} (row_number) SELECT row_number FROM restored
