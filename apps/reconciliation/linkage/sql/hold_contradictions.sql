-- Purpose: people judged two records as not the same, but other pairs join them (A = B, B = C,
--   A ≠ C): every pair that joins such a group waits for people again.
-- Parameters: pairing; records bigint[] of the group to look at, or null for the whole pairing.
-- It walks from each pair judged as not the same along the joining pairs, one look-up a step, so
-- that
--   the cost depends on the number of judgements, not on the size of the register.
-- Result: id of each pair that waits again.
-- Plan: by key
-- Index: reconciliation_pair_queue, _left, _right.
WITH RECURSIVE apart AS MATERIALIZED (
    SELECT c.left_id, c.right_id
      FROM reconciliation_pair c
     WHERE c.pairing_id = %(pairing)s AND c.until IS NULL AND c.status = 'not_same'
       AND (%(records)s::bigint[] IS NULL OR c.left_id = ANY(%(records)s::bigint[]))
), reached AS (
    SELECT DISTINCT left_id AS start, left_id AS record FROM apart
     UNION
    SELECT r.start, n.record
      FROM reached r
     CROSS JOIN LATERAL (
           SELECT c.right_id AS record FROM reconciliation_pair c
            WHERE c.left_id = r.record AND c.pairing_id = %(pairing)s AND c.until IS NULL
              AND c.status IN ('linked', 'same')
            UNION ALL
           SELECT c.left_id FROM reconciliation_pair c
            WHERE c.right_id = r.record AND c.pairing_id = %(pairing)s AND c.until IS NULL
              AND c.status IN ('linked', 'same')
           OFFSET 0) n
), torn AS (
    SELECT DISTINCT m.record
      FROM apart a
      JOIN reached r ON r.start = a.left_id AND r.record = a.right_id
      JOIN reached m ON m.start = a.left_id
), joining AS MATERIALIZED (
    SELECT c.id
      FROM torn t
     CROSS JOIN LATERAL (
           SELECT c.id FROM reconciliation_pair c
            WHERE c.left_id = t.record AND c.pairing_id = %(pairing)s AND c.until IS NULL
              AND c.status IN ('linked', 'same')
           OFFSET 0) c
)
UPDATE reconciliation_pair c
   SET status = 'review'
  FROM joining j
 WHERE c.id = j.id
RETURNING c.id
