-- Purpose: the records of a pair's group: those that other pairs join to its two records, or may
-- join
--   after a review, directly or through others.
-- Parameters: pairing, left, right (records of the pair), most (records; more are left out).
-- Result: id of each record, the pair's own among them.
-- Index: reconciliation_pair_left, _right; reconciliation_judgement's pair_id.
WITH RECURSIVE reached AS (
    SELECT unnest(ARRAY[%(left)s, %(right)s]::bigint[]) AS record
     UNION
    SELECT n.record
      FROM reached r
     CROSS JOIN LATERAL (
           SELECT CASE WHEN c.left_id = r.record THEN c.right_id ELSE c.left_id END AS record
             FROM reconciliation_pair c
            WHERE (c.left_id = r.record OR c.right_id = r.record)
              AND c.pairing_id = %(pairing)s AND c.until IS NULL
              AND (c.status IN ('linked', 'same', 'review')
                   OR EXISTS (SELECT FROM reconciliation_judgement j
                               WHERE j.pair_id = c.id AND j.undone_at IS NULL
                                 AND j.outcome = 'same'))
           OFFSET 0) n
)
SELECT record FROM reached LIMIT %(most)s
