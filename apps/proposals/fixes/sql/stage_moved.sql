-- Rows that are dropped or restored beside those that are changed, so that what hangs on them is found.
-- Tables: before (rows as they stand), gone, back, staging (gets rows).
-- Plan: by rows
INSERT INTO {staging}
SELECT b.* FROM {before} AS b
 WHERE (b.row_number IN (SELECT row_number FROM {gone})
    OR b.row_number IN (SELECT row_number FROM {back}))
   AND b.row_number NOT IN (SELECT row_number FROM {staging})
