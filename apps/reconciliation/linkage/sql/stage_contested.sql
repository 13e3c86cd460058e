-- Pairs that compete: more than one linkable pair on one of their records. Makes {contested}.
-- In: pairing. A pair that people judged as the same goes first, at any weight.
-- Plan: one table
-- Cost: two hash aggregates over the linkable pairs.
CREATE UNLOGGED TABLE {contested} AS
WITH linkable AS MATERIALIZED (
    SELECT id, left_id, right_id, status,
           CASE WHEN status = 'same' THEN 2 WHEN basis = 'nik' THEN 1 ELSE 0 END AS rank, weight
    FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL
      AND status IN ('linked', 'same', 'review', 'displaced') AND basis <> 'nik_alone'
), crowded_left AS (
    SELECT left_id FROM linkable GROUP BY left_id HAVING count(*) > 1
), crowded_right AS (
    SELECT right_id FROM linkable GROUP BY right_id HAVING count(*) > 1
)
SELECT id, left_id, right_id, status, rank, weight, NULL::text AS lot
FROM linkable
WHERE left_id IN (SELECT left_id FROM crowded_left)
   OR right_id IN (SELECT right_id FROM crowded_right)
