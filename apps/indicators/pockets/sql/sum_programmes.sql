-- Enrolled persons by programme, inside the pockets and outside of them.
-- Parameters: computed, published (numbers of editions; -1: none), by_published (whether BIG's
--   pockets are meant), prefixes (of the user's regions), region (a prefix), programme (the beginning
--   of a programme's name among the hidden columns).
-- A village that a programme does not reach counts with nobody in it; the programmes are those that
--   reach anybody in the country.
-- What is hidden was chosen by the tree of regions when the edition was computed
--   (`pockets.disclosure`), or by the thematic maps since.
-- Result: programme, whether in a pocket (null: not said), its enrolled persons, registered persons of
--   the villages whose number is shown, villages whose number is not.
WITH known AS MATERIALIZED (
    SELECT DISTINCT k.key AS programme
      FROM indicators_pocketvillage AS n
     CROSS JOIN LATERAL jsonb_object_keys(n.enrolled_persons) AS k (key)
     WHERE n.edition_id = %(computed)s
)
SELECT e.programme::text, v.is_in,
       coalesce(sum(e.persons) FILTER (WHERE e.is_shown), 0)::bigint,
       coalesce(sum(v.persons) FILTER (WHERE e.is_shown), 0)::bigint,
       count(*) FILTER (WHERE NOT e.is_shown)
  FROM (SELECT n.*, CASE WHEN %(by_published)s THEN EXISTS (
                         SELECT FROM indicators_pocketvillage AS t
                          WHERE t.edition_id = %(published)s AND t.village_id = n.village_id
                            AND t.is_pocket) ELSE n.is_pocket END AS is_in
          FROM indicators_pocketvillage AS n
         WHERE n.edition_id = %(computed)s AND starts_with(n.village_id, %(region)s)
           AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p (prefix)
                        WHERE starts_with(n.village_id, p.prefix))) AS v
 CROSS JOIN LATERAL (
       SELECT k.programme, coalesce((v.enrolled_persons ->> k.programme)::int, 0) AS persons,
              NOT v.hidden && ARRAY['families', 'persons', %(programme)s || k.programme]::varchar[]
              AS is_shown
         FROM known AS k
       ) AS e
 GROUP BY e.programme, v.is_in
 ORDER BY e.programme, v.is_in DESC
