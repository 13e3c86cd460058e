-- Purpose: the pairs that one person answers next, the most valuable first.
-- Parameters: pairing, "user" (id), middle (weight half-way between the thresholds), skip bigint[],
--   most (rows), sample (true: a pair of the blind sample outside the thresholds comes first).
-- Value: the nearer a pair's weight is to the middle, the less certain the machine is, and the more
--   an answer decides. Weights are log2 of the odds, so that the distance is the same above and
--   below; of equal ones the older comes first.
-- Result: id of the pair.
-- Index: reconciliation_pair_queue read from the middle to both sides, and _blind; what the
--   person has answered is left out by a hash, so that a step costs the same at any place.
WITH mine AS MATERIALIZED (
    SELECT pair_id FROM reconciliation_judgement
     WHERE user_id = %(user)s AND undone_at IS NULL
), above AS (
    SELECT c.id, c.weight - %(middle)s AS distance
      FROM reconciliation_pair c
     WHERE c.pairing_id = %(pairing)s AND c.status = 'review' AND c.until IS NULL
       AND c.weight >= %(middle)s
       AND c.id <> ALL(%(skip)s::bigint[]) AND c.id NOT IN (SELECT pair_id FROM mine)
     ORDER BY c.weight
     LIMIT %(most)s
), below AS (
    SELECT c.id, %(middle)s - c.weight AS distance
      FROM reconciliation_pair c
     WHERE c.pairing_id = %(pairing)s AND c.status = 'review' AND c.until IS NULL
       AND c.weight < %(middle)s
       AND c.id <> ALL(%(skip)s::bigint[]) AND c.id NOT IN (SELECT pair_id FROM mine)
     ORDER BY c.weight DESC
     LIMIT %(most)s
), blind AS (
    SELECT c.id, CASE WHEN %(sample)s THEN -1 ELSE 1e9 END AS distance
      FROM reconciliation_pair c
     WHERE c.pairing_id = %(pairing)s AND c.until IS NULL AND c.is_sample
       AND c.status IN ('linked', 'below', 'displaced')
       AND c.id <> ALL(%(skip)s::bigint[]) AND c.id NOT IN (SELECT pair_id FROM mine)
     ORDER BY c.id
     LIMIT %(most)s
)
SELECT id
  FROM (SELECT * FROM above UNION ALL SELECT * FROM below UNION ALL SELECT * FROM blind) found
 ORDER BY distance, id
 LIMIT %(most)s
