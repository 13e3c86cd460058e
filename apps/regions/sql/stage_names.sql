-- Makes the table in which successors are searched: codes that ended without a successor, and codes
-- that began without a predecessor, each with the names that identify its place. The province's
-- name
-- is not among them: the split of Papua moved whole regencies.
-- Parameters: none. Result: none. Gone with the transaction.
DROP TABLE IF EXISTS pg_temp.region_names;
CREATE TEMPORARY TABLE region_names ON COMMIT DROP AS
WITH plain AS (
    SELECT
        r.code, r.level, r.valid_from, r.valid_until, r.successor_id,
        regexp_replace(lower(regexp_replace(r.name, '[^[:alnum:]]', '', 'g')),
                       '^kab(upaten)?', '') AS name
    FROM regions_region AS r
)
SELECT
    p.code,
    p.valid_until IS NOT NULL AND p.successor_id IS NULL AS is_ended,
    p.valid_from IS NOT NULL
        AND NOT EXISTS (SELECT FROM plain AS o WHERE o.successor_id = p.code) AS is_begun,
    concat_ws('/', p.level, p.name, d.name, k.name) AS same_district,
    CASE WHEN p.level = 'village' THEN concat_ws('/', p.name, k.name) END AS same_regency,
    p.valid_from, p.valid_until
FROM plain AS p
LEFT JOIN plain AS d ON length(p.code) = 13 AND d.code = substr(p.code, 1, 8)
LEFT JOIN plain AS k ON length(p.code) > 5 AND k.code = substr(p.code, 1, 5)
WHERE p.level <> 'country'
    AND (p.valid_from IS NOT NULL OR (p.valid_until IS NOT NULL AND p.successor_id IS NULL));
ANALYZE region_names;
