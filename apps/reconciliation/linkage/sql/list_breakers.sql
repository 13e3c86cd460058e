-- The values that circuit breakers check, over the joined pairs, where a record may be in many.
-- In: pairing.
-- Out: most pairs on one left record, most on one right record, records that are joined (either
--     side).
-- Cost: hash aggregates.
WITH joined AS MATERIALIZED (
    SELECT left_id, right_id FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL AND status IN ('linked', 'same')
)
SELECT coalesce((SELECT max(n) FROM (SELECT count(*) n FROM joined GROUP BY left_id) a), 0),
       coalesce((SELECT max(n) FROM (SELECT count(*) n FROM joined GROUP BY right_id) b), 0),
       (SELECT count(*) FROM (SELECT left_id FROM joined UNION SELECT right_id FROM joined) c)
