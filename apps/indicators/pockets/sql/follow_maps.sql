-- Hides in villages of editions of ours what the thematic maps hide of them; nothing is shown again.
-- Where the counted families are hidden it is not said any more whether a village is a pocket.
-- Parameters: villages (codes of the villages of which the maps hide more; null: all), edition (its
--   number; null: every one), tables, columns (of the same length: a table of the maps, and a column of an edition
--   that holds the same number), programme (the beginning of the tables of programmes, which are
--   columns under the same name).
-- Result: the changed villages: edition, village, whether it was a pocket and is not said to be one any
--   more, whether it was said before what it is and is not any more, counted families.
-- The counted families are hidden with the enrolled ones, with those in a programme that the method
--   counts, and where they bound the hidden families of another one (disclosure.py, `_tells`).
-- Index: indicators_pocket_village_once; OFFSET 0 keeps look-ups by key.
-- Measured (by hand, 2 cores, load 5, 2026-11-29; with the statements that follow it; three editions of
--   63,571 made-up villages, 16,084 cells each, 29,000 suppressed villages): 9 ms for 1 village of which
--   more is hidden, 88 ms for 300, 655 ms for 3,000. Comparing all of them: 1.0 to 1.3 s.
-- Plan: by key
WITH pair AS (
    SELECT u.name, u.column_name
      FROM unnest(%(tables)s::text[], %(columns)s::text[]) AS u (name, column_name)
), wanted AS MATERIALIZED (
    SELECT s.region_id AS village_id,
           array_agg(DISTINCT coalesce(p.column_name, t.name)::varchar) AS columns
      FROM indicators_suppressedregion AS s
     CROSS JOIN LATERAL unnest(s.tables::text[]) AS t (name)
      LEFT JOIN pair AS p ON p.name = t.name
     WHERE (p.name IS NOT NULL OR starts_with(t.name, %(programme)s))
       AND (%(villages)s::text[] IS NULL OR s.region_id = ANY (%(villages)s::text[]))
     GROUP BY s.region_id
), method AS MATERIALIZED (
    -- without a programme every family is counted
    SELECT e.id, coalesce(array_agg(%(programme)s || p.code) FILTER (WHERE p.code IS NOT NULL),
                          '{}')::varchar[] AS tables
      FROM indicators_pocketedition AS e
      LEFT JOIN LATERAL jsonb_array_elements_text(e.parameters -> 'programmes') AS p (code) ON true
     WHERE e.origin = 'computed' AND (%(edition)s::bigint IS NULL OR e.id = %(edition)s)
     GROUP BY e.id
), found AS (
    SELECT v.id, v.is_pocket, w.columns || CASE WHEN cardinality(m.tables) > 0
                                    AND (w.columns && (m.tables || 'enrolled'::varchar)
                                         OR o.is_any AND v.enrolled - v.counted > o.shown)
                                   THEN ARRAY['counted']::varchar[] ELSE '{}' END AS columns
      FROM method AS m
     CROSS JOIN wanted AS w
     CROSS JOIN LATERAL (
           SELECT id, is_pocket, hidden, enrolled, counted, enrolled_families
             FROM indicators_pocketvillage
            WHERE edition_id = m.id AND village_id = w.village_id OFFSET 0) AS v
     CROSS JOIN LATERAL (
           -- programmes that the method does not count: whether one is hidden, families in the others
           SELECT EXISTS (SELECT FROM unnest(v.hidden || w.columns) AS h (name)
                           WHERE starts_with(h.name, %(programme)s) AND h.name <> ALL (m.tables))
                  AS is_any,
                  (SELECT coalesce(sum(f.value::int), 0)
                     FROM jsonb_each_text(v.enrolled_families) AS f
                    WHERE %(programme)s || f.key <> ALL (m.tables || v.hidden || w.columns))
                  AS shown
           ) AS o
), changed AS (
    UPDATE indicators_pocketvillage AS v
       SET hidden = ARRAY(SELECT DISTINCT u.name FROM unnest(v.hidden || f.columns) AS u (name)
                           ORDER BY u.name),
           is_pocket = CASE WHEN f.columns && ARRAY['families', 'counted']::varchar[] THEN NULL
                            ELSE v.is_pocket END
      FROM found AS f
     WHERE v.id = f.id AND NOT v.hidden @> f.columns
    RETURNING v.edition_id, v.village_id,
              f.is_pocket IS TRUE AND v.is_pocket IS NULL AS is_pocket_lost,
              f.is_pocket IS NOT NULL AND v.is_pocket IS NULL AS is_unsaid, v.counted
)
SELECT edition_id, village_id::text, is_pocket_lost, is_unsaid, counted FROM changed
