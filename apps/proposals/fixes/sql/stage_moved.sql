-- Purpose: stage the dropped and restored rows beside the changed ones, so that rows that depend on
--   them are found.
-- Tables: before (current rows), gone, back, staging (gets rows).
-- Plan: by rows
INSERT INTO {staging}
SELECT b.* FROM {before} AS b
 WHERE (b.row_number IN (SELECT row_number FROM {gone})
    OR b.row_number IN (SELECT row_number FROM {back}))
   AND b.row_number NOT IN (SELECT row_number FROM {staging})
