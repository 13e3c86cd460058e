-- Stores that tables of counts are hidden in regions, beside those that are hidden there already.
-- Parameters: codes, tables (of the same length, one pair for each). Result: rows written.
-- Plan: one table
WITH wanted AS (
    SELECT code, array_agg(name) AS tables
      FROM unnest(%(codes)s::text[], %(tables)s::text[]) AS u (code, name)
     GROUP BY code
), written AS (
    INSERT INTO indicators_suppressedregion AS s (region_id, tables)
    SELECT w.code,
           ARRAY(SELECT DISTINCT name
                   FROM unnest(w.tables || coalesce(f.tables, '{}')) AS n (name) ORDER BY name)
      FROM wanted AS w
      LEFT JOIN indicators_suppressedregion AS f ON f.region_id = w.code
        ON CONFLICT (region_id) DO UPDATE SET tables = excluded.tables
     WHERE s.tables <> excluded.tables
    RETURNING 1
)
SELECT count(*) FROM written
