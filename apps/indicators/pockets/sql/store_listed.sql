-- Stores the villages of a published list.
-- Parameters: edition, villages (codes, each once). Result: how many were stored.
-- Plan: by rows
WITH stored AS (
    INSERT INTO indicators_pocketvillage
           (edition_id, village_id, is_pocket, families, persons, counted, enrolled, proposed,
            located, inside, near_border, enrolled_persons, enrolled_families,
            hidden)
    SELECT %(edition)s, code, true, 0, 0, 0, 0, 0, 0, 0, 0, '{}', '{}', '{}'
      FROM unnest(%(villages)s::text[]) AS v (code)
    RETURNING 1
)
SELECT count(*) FROM stored
