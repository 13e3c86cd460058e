-- The rows of a crosswalk whose region is in the tree, each once. Analysed, because the planner
-- assumes that an unknown table is small and then compares every row with every other.
-- Parameters: none. Result: none.
ANALYZE crosswalk_rows;
CREATE TEMPORARY TABLE known_codes ON COMMIT DROP AS
SELECT DISTINCT regexp_replace(w.bps_code, '[^0-9]', '', 'g') AS code, r.code AS region
FROM crosswalk_rows AS w
JOIN regions_region AS r ON r.code = btrim(w.code, E' \t''')
WHERE w.bps_code ~ '[0-9]';
ANALYZE known_codes;
