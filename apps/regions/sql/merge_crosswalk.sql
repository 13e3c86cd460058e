-- Makes the codes of one system and vintage equal to the table's rows whose region is known.
-- Parameters: system, vintage. Result: rows, joined, added, removed (counts).
WITH added AS (
    INSERT INTO regions_foreigncode (region_id, system, code, vintage)
    SELECT region, %(system)s, code, %(vintage)s FROM known_codes
    ON CONFLICT (system, vintage, code, region_id) DO NOTHING
    RETURNING 1
), removed AS (
    DELETE FROM regions_foreigncode AS f
    WHERE f.system = %(system)s AND f.vintage = %(vintage)s AND EXISTS (SELECT FROM known_codes)
        AND (f.code, f.region_id) NOT IN (SELECT k.code, k.region FROM known_codes AS k)
    RETURNING 1
)
SELECT
    (SELECT count(DISTINCT (bps_code, code)) FROM crosswalk_rows),
    (SELECT count(*) FROM known_codes),
    (SELECT count(*) FROM added), (SELECT count(*) FROM removed);
