-- Dropped rows go out of what is judged; one that may not be dropped (it is under review) stays.
-- Tables: gone (loses rows that are not staged), staging (loses the others).
-- Plan: by rows
WITH kept AS (
    DELETE FROM {gone} AS g
     WHERE NOT EXISTS (SELECT FROM {staging} AS s WHERE s.row_number = g.row_number)
)
DELETE FROM {staging} AS s USING {gone} AS g WHERE s.row_number = g.row_number
