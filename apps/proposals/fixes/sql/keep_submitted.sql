-- Purpose: a row that is under review is not dropped. Such rows are removed from staging before.
-- Tables: gone (loses rows that are not staged), staging.
-- Plan: by rows
DELETE FROM {gone} AS g
 WHERE NOT EXISTS (SELECT FROM {staging} AS s WHERE s.row_number = g.row_number)
