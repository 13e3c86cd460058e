-- Purpose: people's answers in each stratum of a pairing's pairs: by whole weight, and by whether
--   the machine linked the pair before any answer.
-- Parameters: pairing.
-- Counted: pairs on which people agree, of the blind sample or from between the thresholds.
--   Pairs judged elsewhere were chosen by people, so they are not a random sample of their stratum.
-- Result: bin, is_linked, pairs, same, not_same.
-- Cost: one pass over the pairing's pairs, 700,000 in 0.8 s.
WITH judged AS MATERIALIZED (
    SELECT j.pair_id AS id, (array_agg(j.before ORDER BY j.id))[1] AS machine
      FROM reconciliation_judgement j
      JOIN reconciliation_pair c ON c.id = j.pair_id
     WHERE j.undone_at IS NULL AND c.pairing_id = %(pairing)s AND c.until IS NULL
     GROUP BY j.pair_id
)
SELECT floor(c.weight)::int AS bin,
       coalesce(j.machine, c.status) = 'linked' AS is_linked,
       count(*) AS pairs,
       count(*) FILTER (WHERE c.status = 'same'
                          AND (c.is_sample OR j.machine = 'review')) AS same,
       count(*) FILTER (WHERE c.status = 'not_same'
                          AND (c.is_sample OR j.machine = 'review')) AS not_same
  FROM reconciliation_pair c
  LEFT JOIN judged j ON j.id = c.id
 WHERE c.pairing_id = %(pairing)s AND c.until IS NULL
 GROUP BY 1, 2
 ORDER BY 1, 2
