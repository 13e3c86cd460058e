-- Removes the cells of editions of ours that hold counted families of a village of which the register
-- does not say any more whether it is a pocket.
-- Parameters: editions, villages (of the same length: such villages, each with its edition).
-- Result: edition, how many went.
-- Index: indicators_pocket_area_once.
-- Plan: by key
WITH unsaid AS MATERIALIZED (
    SELECT u.edition_id, u.code
      FROM unnest(%(editions)s::bigint[], %(villages)s::text[]) AS u (edition_id, code)
), gone AS (
    DELETE FROM indicators_pocketarea
     WHERE id IN (SELECT a.id
                    FROM indicators_pocketarea AS a
                   CROSS JOIN LATERAL unnest(a.villages::text[]) AS c (code)
                    JOIN unsaid AS u ON u.edition_id = a.edition_id AND u.code = c.code
                   WHERE a.edition_id = ANY (%(editions)s::bigint[]))
    RETURNING edition_id
)
SELECT edition_id, count(*)::int FROM gone GROUP BY edition_id
