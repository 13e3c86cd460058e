-- Regions whose parent is neither in the lists nor in the tree. Result: how many, the first, its name.
SELECT count(*) OVER (), w.code, w.name
FROM wanted_regions AS w
CROSS JOIN LATERAL (SELECT regexp_replace(w.code, '\.?\d+$', '')) AS p (code)
WHERE p.code <> ''
    AND NOT EXISTS (SELECT FROM wanted_regions AS o WHERE o.code = p.code)
    AND NOT EXISTS (SELECT FROM regions_region AS o WHERE o.code = p.code)
ORDER BY w.code LIMIT 1;
