-- From rows with one column of names for each decree to regions with their periods: a code begins
-- on 1 January of the first year that names it (open, when that is the list's first year) and ends
-- on 1 January of the next year that does not. The last name and the last decree count.
-- Parameters: years, decrees (in the order of the columns). Result: none.
INSERT INTO wanted_regions
SELECT
    r.row_number,
    CASE WHEN c.raw ~ '^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$' THEN c.raw END,
    c.raw,
    n.name,
    (%(decrees)s::text[])[n.final],
    CASE WHEN n.first > 1 THEN make_date((%(years)s::int[])[n.first], 1, 1) END,
    CASE WHEN n.final < array_length(%(years)s::int[], 1)
         THEN make_date((%(years)s::int[])[n.final + 1], 1, 1) END,
    true
FROM region_rows AS r
CROSS JOIN LATERAL (SELECT btrim(r.code, E' \t''')) AS c (raw)
CROSS JOIN LATERAL (
    SELECT
        min(u.position)::int AS first,
        max(u.position)::int AS final,
        (array_agg(btrim(regexp_replace(u.name, '\s+', ' ', 'g')) ORDER BY u.position DESC))[1]
            AS name
    FROM unnest(ARRAY[r.name_1, r.name_2, r.name_3, r.name_4, r.name_5, r.name_6,
                      r.name_7, r.name_8, r.name_9, r.name_10, r.name_11, r.name_12])
        WITH ORDINALITY AS u (name, position)
    WHERE btrim(u.name) <> ''
) AS n
WHERE c.raw <> '' AND n.first IS NOT NULL;
ANALYZE wanted_regions;
