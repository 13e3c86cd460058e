-- Purpose: how many pairs of each pairing wait for one person, and how many this person has answered.
-- Parameters: pairings (bigint[]), "user" (id).
-- Result: pairing, waiting, done.
-- Index: reconciliation_pair_queue and _blind (index only), for each pairing.
WITH mine AS MATERIALIZED (
    SELECT j.pair_id, c.pairing_id
      FROM reconciliation_judgement j
      JOIN reconciliation_pair c ON c.id = j.pair_id
     WHERE j.user_id = %(user)s AND j.undone_at IS NULL
       AND c.pairing_id = ANY(%(pairings)s::bigint[]) AND c.until IS NULL
)
SELECT p.id,
       (SELECT count(*) FROM reconciliation_pair c
         WHERE c.pairing_id = p.id AND c.status = 'review' AND c.until IS NULL
           AND c.id NOT IN (SELECT pair_id FROM mine))
     + (SELECT count(*) FROM reconciliation_pair c
         WHERE c.pairing_id = p.id AND c.until IS NULL AND c.is_sample
           AND c.status IN ('linked', 'below', 'displaced')
           AND c.id NOT IN (SELECT pair_id FROM mine)),
       (SELECT count(*) FROM mine WHERE mine.pairing_id = p.id)
  FROM unnest(%(pairings)s::bigint[]) AS p (id)
