-- How many pairs of a pairing would be linked, reviewed or neither under other thresholds.
-- In: pairing, lower, upper.
-- Rule: people's judgements stay; a confirmed NIK links and an unconfirmed one is reviewed at any
--     weight; pairs that lose to a better one of their record count as neither.
-- Out: linked, reviewed, below.
-- Cost: one pass over the pairs.
WITH judged AS (
    SELECT CASE
               WHEN status IN ('same', 'not_same', 'unsure', 'displaced') THEN status
               WHEN basis = 'nik' THEN 'linked'
               WHEN basis = 'nik_alone' THEN 'review'
               WHEN weight >= %(upper)s THEN 'linked'
               WHEN weight >= %(lower)s THEN 'review'
               ELSE 'below'
           END AS status
    FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL
)
SELECT count(*) FILTER (WHERE status IN ('linked', 'same')),
       count(*) FILTER (WHERE status IN ('review', 'unsure')),
       count(*) FILTER (WHERE status IN ('below', 'displaced', 'not_same'))
FROM judged
