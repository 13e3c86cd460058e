-- Purpose: exchange latitude and longitude.
-- Tables: before (current rows), changes (gets rows: row_number, changes).
-- Plan: one table
INSERT INTO {changes} (row_number, changes)
SELECT row_number, jsonb_build_object('latitude', longitude, 'longitude', latitude) FROM {before}
