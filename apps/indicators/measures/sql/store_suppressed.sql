-- Stores which tables of counts are hidden in which regions; what is hidden already stays hidden.
-- Parameters: codes, tables (of the same length, one pair for each). Result: rows written.
-- Plan: one table
WITH wanted AS (
    SELECT code, array_agg(name ORDER BY name) AS tables
      FROM unnest(%(codes)s::text[], %(tables)s::text[]) AS u (code, name)
     GROUP BY code
), written AS (
    INSERT INTO indicators_suppressedregion AS s (region_id, tables)
    SELECT code, tables FROM wanted
        ON CONFLICT (region_id) DO UPDATE SET tables = excluded.tables
     WHERE s.tables <> excluded.tables
    RETURNING 1
)
SELECT count(*) FROM written
