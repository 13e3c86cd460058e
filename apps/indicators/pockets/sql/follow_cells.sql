-- Removes the cells of editions of ours that hold counted families of a village of which the register
-- does not say any more whether it is a pocket.
-- Parameters: editions, villages (of the same length: such villages, each with its edition).
-- Result: edition, how many went.
-- Index: indicators_cells_of_village; OFFSET 0 keeps look-ups by key.
-- Plan: by key
WITH gone AS (
    DELETE FROM indicators_pocketarea
     WHERE id IN (SELECT a.id
                    FROM unnest(%(editions)s::bigint[], %(villages)s::text[]) AS u (edition_id, code)
                   CROSS JOIN LATERAL (
                         SELECT id, edition_id FROM indicators_pocketarea
                          WHERE villages @> ARRAY[u.code]::varchar[] OFFSET 0) AS a
                   WHERE a.edition_id = u.edition_id)
    RETURNING edition_id
)
SELECT edition_id, count(*)::int FROM gone GROUP BY edition_id
