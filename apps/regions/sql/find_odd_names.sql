-- Codes with several names, or with none. Result: how many, the first code, its names.
SELECT count(*) OVER (), code, left(string_agg(DISTINCT name, '”, “'), 120)
FROM wanted_regions
GROUP BY code
HAVING count(DISTINCT name) > 1 OR bool_or(coalesce(name, '') = '' OR length(name) > 120)
ORDER BY code LIMIT 1;
