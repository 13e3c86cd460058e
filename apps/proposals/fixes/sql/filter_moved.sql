-- Purpose: keep the chosen rows that can be dropped, restored or changed. Dropped rows are not
--   dropped again nor changed; other rows are not restored.
-- Parameters: batch. Tables: changes, gone, back (each loses rows).
-- Result: rows whose change was left out because they are dropped.
-- Index: proposals_droppedrow_once (batch, row_number).
-- Plan: by rows
WITH dropped AS MATERIALIZED (
    SELECT row_number FROM proposals_droppedrow WHERE batch_id = %(batch)s
), kept AS (
    DELETE FROM {gone} WHERE row_number IN (SELECT row_number FROM dropped)
), there AS (
    DELETE FROM {back} WHERE row_number NOT IN (SELECT row_number FROM dropped)
), left_out AS (
    DELETE FROM {changes} WHERE row_number IN (SELECT row_number FROM dropped)
    RETURNING row_number
)
SELECT count(*) FROM left_out
