-- What activating an edition changes: villages whose polygon becomes another, is new, or goes
-- because the edition covers their area and has none.
-- Parameters: edition, covers ('' covers only its own polygons). Result: kind, code.
WITH own AS (
    SELECT region_id AS code, boundary, length(region_id) AS size
    FROM regions_boundary WHERE edition_id = %(edition)s
), current AS (
    SELECT b.region_id AS code, b.boundary, b.edition_id FROM regions_boundary AS b
    WHERE b.is_current
)
SELECT CASE WHEN c.code IS NULL THEN 'added' ELSE 'replaced' END, o.code
FROM own AS o LEFT JOIN current AS c ON c.code = o.code
WHERE c.code IS NULL OR (c.edition_id <> %(edition)s AND NOT c.boundary = o.boundary)
UNION ALL
SELECT 'without_polygon', c.code FROM current AS c
WHERE %(covers)s <> '' AND (%(covers)s = 'ID' OR starts_with(c.code, %(covers)s))
    AND length(c.code) IN (SELECT size FROM own) AND c.edition_id <> %(edition)s
    AND NOT EXISTS (SELECT FROM own AS o WHERE o.code = c.code)
ORDER BY 2;
