-- Sums of the coverage by regency and side: villages in pockets, outside, and those of which it is not
-- said.
-- Parameters: computed, published (numbers of editions; null: the pockets are those of `computed`),
--   prefixes (of the user's regions), region (a prefix), regencies (codes; null: all), programme (the
--   beginning of a programme's name among the hidden columns).
-- Result: regency, whether in a pocket (null: not said), villages, those whose families are hidden, sums
--   of what is shown: families, enrolled, families without a programme, without a proposal, located,
--   inside, near_border; persons where families and persons are shown, villages where they are not;
--   enrolled persons by programme where they are shown; villages and their persons, by programme, where
--   the programme alone is hidden.
-- What is hidden was chosen by the tree of regions when the edition was computed
--   (`pockets.disclosure`), or by the thematic maps since.
-- Measured (by hand, load 7, 2026-11-29; 63,571 made-up villages, ten programmes): the country in 1.3 s,
--   a regency in 0.12 s; read from the stored sums 0.08 to 0.12 s and 4 ms.
WITH village AS MATERIALIZED (
    SELECT left(n.village_id, 5) AS regency,
           CASE WHEN %(published)s::bigint IS NULL THEN n.is_pocket
                ELSE t.village_id IS NOT NULL END AS is_in,
           n.families, n.persons, n.enrolled, n.proposed, n.located, n.inside, n.near_border,
           n.enrolled_persons, h.hidden, 'families' = ANY (h.hidden) AS is_hidden,
           h.hidden && ARRAY['families', 'persons'] AS are_persons_hidden
      FROM indicators_pocketvillage AS n
     CROSS JOIN LATERAL (SELECT n.hidden::text[] AS hidden) AS h
      LEFT JOIN indicators_pocketvillage AS t
           ON t.edition_id = %(published)s::bigint AND t.village_id = n.village_id AND t.is_pocket
     WHERE n.edition_id = %(computed)s AND starts_with(n.village_id, %(region)s)
       AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p (prefix)
                    WHERE starts_with(n.village_id, p.prefix))
       AND (%(regencies)s::text[] IS NULL OR left(n.village_id, 5) = ANY (%(regencies)s::text[]))
), side AS (
    SELECT regency, is_in, count(*)::int AS villages,
           count(*) FILTER (WHERE is_hidden)::int AS suppressed,
           sum(families) FILTER (WHERE NOT is_hidden) AS families,
           sum(enrolled) FILTER (WHERE NOT hidden && '{families,enrolled}') AS enrolled,
           sum(families - enrolled) FILTER (WHERE NOT hidden && '{families,enrolled}')
           AS not_enrolled,
           sum(families - proposed) FILTER (WHERE NOT hidden && '{families,proposed}')
           AS not_proposed,
           sum(located) FILTER (WHERE NOT hidden && '{families,located}') AS located,
           sum(inside) FILTER (WHERE NOT hidden && '{families,inside}') AS inside,
           sum(near_border) FILTER (WHERE NOT hidden && '{families,near_border}') AS near_border,
           sum(persons) FILTER (WHERE NOT are_persons_hidden) AS persons,
           count(*) FILTER (WHERE are_persons_hidden)::int AS persons_suppressed
      FROM village
     GROUP BY regency, is_in
), enrolled AS (
    SELECT regency, is_in, jsonb_object_agg(programme, persons) AS persons
      FROM (SELECT v.regency, v.is_in, e.key AS programme, sum(e.value::int) AS persons
              FROM village AS v
             CROSS JOIN LATERAL jsonb_each_text(v.enrolled_persons) AS e
             WHERE NOT v.are_persons_hidden AND %(programme)s || e.key <> ALL (v.hidden)
             GROUP BY v.regency, v.is_in, e.key) AS n
     GROUP BY regency, is_in
), left_out AS (
    SELECT regency, is_in, jsonb_object_agg(programme, jsonb_build_array(villages, persons)) AS sums
      FROM (SELECT v.regency, v.is_in, substr(h.name, length(%(programme)s) + 1) AS programme,
                   count(*) AS villages, sum(v.persons) AS persons
              FROM village AS v
             CROSS JOIN LATERAL unnest(v.hidden) AS h (name)
             WHERE NOT v.are_persons_hidden AND starts_with(h.name, %(programme)s)
             GROUP BY v.regency, v.is_in, h.name) AS n
     GROUP BY regency, is_in
)
SELECT s.regency, s.is_in, s.villages, s.suppressed, coalesce(s.families, 0)::bigint,
       coalesce(s.enrolled, 0)::bigint, coalesce(s.not_enrolled, 0)::bigint,
       coalesce(s.not_proposed, 0)::bigint, coalesce(s.located, 0)::bigint,
       coalesce(s.inside, 0)::bigint, coalesce(s.near_border, 0)::bigint,
       coalesce(s.persons, 0)::bigint, s.persons_suppressed,
       coalesce(e.persons, '{}')::text, coalesce(o.sums, '{}')::text
  FROM side AS s
  LEFT JOIN enrolled AS e ON e.regency = s.regency AND e.is_in IS NOT DISTINCT FROM s.is_in
  LEFT JOIN left_out AS o ON o.regency = s.regency AND o.is_in IS NOT DISTINCT FROM s.is_in
 ORDER BY s.regency, s.is_in
