-- Hides in the villages of every edition of ours what the thematic maps hide now; nothing is shown
-- again. Where the counted families are hidden it is not said any more whether a village is a pocket.
-- Parameters: tables, columns (of the same length: a table of the maps, and a column of an edition
--   that holds the same number), programme (the beginning of the tables of programmes, which are
--   columns under the same name). Result: how many villages changed.
-- Index: indicators_pocket_village_once is not used, an edition has all villages.
-- Plan: one table
WITH pair AS (
    SELECT u.name, u.column_name
      FROM unnest(%(tables)s::text[], %(columns)s::text[]) AS u (name, column_name)
), wanted AS MATERIALIZED (
    SELECT s.region_id AS village_id,
           array_agg(DISTINCT coalesce(p.column_name, t.name)::varchar) AS columns
      FROM indicators_suppressedregion AS s
     CROSS JOIN LATERAL unnest(s.tables::text[]) AS t (name)
      LEFT JOIN pair AS p ON p.name = t.name
     WHERE p.name IS NOT NULL OR starts_with(t.name, %(programme)s)
     GROUP BY s.region_id
), method AS MATERIALIZED (
    -- the families that are counted by one programme are those in it
    SELECT id, CASE WHEN jsonb_array_length(parameters -> 'programmes') = 1
                    THEN %(programme)s || (parameters -> 'programmes' ->> 0) END AS counts
      FROM indicators_pocketedition
     WHERE origin = 'computed'
), changed AS (
    UPDATE indicators_pocketvillage AS v
       SET hidden = ARRAY(SELECT DISTINCT u.name FROM unnest(v.hidden || n.columns) AS u (name)
                           ORDER BY u.name),
           is_pocket = CASE WHEN n.columns && ARRAY['families', 'counted']::varchar[] THEN NULL
                            ELSE v.is_pocket END
      FROM wanted AS w
     CROSS JOIN method AS m
     CROSS JOIN LATERAL (
           SELECT CASE WHEN m.counts = ANY (w.columns) THEN w.columns || 'counted'::varchar
                       ELSE w.columns END AS columns) AS n
     WHERE v.village_id = w.village_id AND v.edition_id = m.id AND NOT v.hidden @> n.columns
    RETURNING 1
)
SELECT count(*) FROM changed
