-- Purpose: replace a BPS code by the Kemendagri code of today, if there is only one.
-- Parameters: today. Tables: before (current rows), changes (gets rows: row_number, changes).
-- Index: regions_foreigncode (system, code).
-- Plan: by rows
INSERT INTO {changes} (row_number, changes)
SELECT b.row_number, jsonb_build_object('village_code', min(r.code))
  FROM {before} AS b
  JOIN regions_foreigncode AS f
    ON f.system = 'bps' AND f.code = regexp_replace(b.village_code, '\D', '', 'g')
  JOIN regions_region AS r ON r.code = f.region_id AND r.level = 'village'
   AND (r.valid_until IS NULL OR r.valid_until > %(today)s)
 GROUP BY b.row_number
HAVING count(DISTINCT r.code) = 1
