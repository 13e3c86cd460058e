-- The pairs that cannot be merged now, each with the first reason.
--
-- Pairs that this Change has merged already are not refused.
-- Parameters: keeps, drops (bigint[] of one length), change (or null)
-- Result: keep_id, drop_id, code, survivor_id (whom one of the two was merged into, or null)
-- Codes: itself, twice (dropped into two persons, or dropped and kept), unknown, merged, removed
-- Index: registry_person's primary key (OFFSET 0: looked up by key).
WITH pair AS MATERIALIZED (
    SELECT * FROM unnest(%(keeps)s::bigint[], %(drops)s::bigint[])
             WITH ORDINALITY AS pair (keep_id, drop_id, turn)
), known AS (
    SELECT pair.*, k.id IS NULL OR d.id IS NULL AS is_unknown,
           coalesce(k.merged_into_id, d.merged_into_id) AS survivor_id,
           k.status <> 'active' OR d.status <> 'active' AS is_ended,
           coalesce(d.merged_into_id = keep_id AND d.change_id = %(change)s, false) AS is_done
      FROM pair
      LEFT JOIN LATERAL (SELECT * FROM registry_person WHERE id = keep_id OFFSET 0) AS k ON true
      LEFT JOIN LATERAL (SELECT * FROM registry_person WHERE id = drop_id OFFSET 0) AS d ON true
), judged AS (
    SELECT keep_id, drop_id, turn, survivor_id,
           CASE WHEN keep_id = drop_id THEN 'itself'
                WHEN EXISTS (SELECT FROM pair o WHERE o.turn <> known.turn
                                AND (o.drop_id = known.drop_id OR o.keep_id = known.drop_id))
                THEN 'twice'
                WHEN is_unknown THEN 'unknown'
                WHEN is_done THEN NULL
                WHEN survivor_id IS NOT NULL THEN 'merged'
                WHEN is_ended THEN 'removed' END AS code
      FROM known
)
SELECT keep_id, drop_id, code, survivor_id FROM judged WHERE code IS NOT NULL ORDER BY turn
