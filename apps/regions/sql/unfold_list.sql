-- From the rows of a plain list to regions. Ten plain digits become a dotted code.
-- Parameters: decree (for rows that name none). Result: none.
INSERT INTO wanted_regions
SELECT
    r.row_number,
    CASE
        WHEN c.raw ~ '^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$' THEN c.raw
        WHEN c.raw ~ '^(\d{4}|\d{6}|\d{10})$' THEN rtrim(
            concat_ws('.', substr(c.raw, 1, 2), substr(c.raw, 3, 2), substr(c.raw, 5, 2),
                      substr(c.raw, 7)), '.')
    END,
    c.raw,
    btrim(regexp_replace(r.name, '\s+', ' ', 'g')),
    left(coalesce(nullif(btrim(r.decree), ''), %(decree)s), 60),
    nullif(btrim(r.valid_from), '')::date,
    nullif(btrim(r.valid_until), '')::date,
    coalesce(btrim(r.valid_from), '') <> '' OR coalesce(btrim(r.valid_until), '') <> ''
FROM region_rows AS r
CROSS JOIN LATERAL (SELECT btrim(r.code, E' \t''')) AS c (raw)
WHERE c.raw <> '';
ANALYZE wanted_regions;
