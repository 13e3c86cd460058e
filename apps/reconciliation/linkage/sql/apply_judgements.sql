-- Purpose: set the status of pairs to the answer on which people agree, from any run.
-- Parameters: pairing; ids bigint[] of the pairs, or null for all of the pairing.
-- Rule: one answer is enough; two equal ones are needed where a source requires it or the pair is
-- in
--   the blind sample. Where answers differ, one counts that at least two people gave and that
--   outnumbers every other; else the pair waits for a third person. A pair with too few answers
-- stays.
-- Result: id and status of each pair that moved.
-- Plan: by rows
-- Index: reconciliation_judgement's pair_id; rows is the number of judgements.
WITH said AS MATERIALIZED (
    SELECT j.pair_id AS id, j.outcome, count(*) AS people
      FROM reconciliation_judgement j
      JOIN reconciliation_pair c ON c.id = j.pair_id
     WHERE j.undone_at IS NULL
       AND c.pairing_id = %(pairing)s AND c.until IS NULL
       AND (%(ids)s::bigint[] IS NULL OR j.pair_id = ANY(%(ids)s::bigint[]))
     GROUP BY j.pair_id, j.outcome
), ranked AS (
    SELECT id,
           (array_agg(outcome ORDER BY people DESC))[1] AS outcome,
           (array_agg(people ORDER BY people DESC))[1] AS most,
           (array_agg(people ORDER BY people DESC))[2] AS next
      FROM said
     GROUP BY id
), agreed AS (
    SELECT r.id,
           CASE WHEN r.next IS NULL AND r.most >= n.people THEN r.outcome
                WHEN r.most >= 2 AND r.most > r.next THEN r.outcome
                WHEN r.next IS NOT NULL THEN 'review'
           END AS status
      FROM ranked r
      JOIN reconciliation_pair c ON c.id = r.id
     CROSS JOIN LATERAL (
           SELECT CASE WHEN c.is_sample OR bool_or(s.needs_two) THEN 2 ELSE 1 END AS people
             FROM reconciliation_pairing p
             JOIN reconciliation_source s ON s.code IN (p.left_id, p.right_id)
            WHERE p.id = %(pairing)s
           OFFSET 0) n
)
UPDATE reconciliation_pair c
   SET status = a.status
  FROM agreed a
 WHERE c.id = a.id AND c.until IS NULL AND c.status <> a.status
RETURNING c.id, c.status
