-- Purpose: how often two people who saw a pair without weights gave the same answer.
-- Parameters: pairing.
-- Result: pairs that at least two people answered, and on how many of them all answers are equal.
-- Index: reconciliation_judgement's pair_id.
SELECT count(*), count(*) FILTER (WHERE outcomes = 1)
  FROM (SELECT count(DISTINCT j.outcome) AS outcomes
          FROM reconciliation_judgement j
          JOIN reconciliation_pair c ON c.id = j.pair_id
         WHERE j.undone_at IS NULL AND j.is_blind AND c.pairing_id = %(pairing)s
         GROUP BY j.pair_id
        HAVING count(*) >= 2) answered
