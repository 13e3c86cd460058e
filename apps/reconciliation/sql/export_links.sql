-- The pairs that a run left standing, with the sources' own numbers of their records.
-- In: pairing, run, open (boolean: tell the blind sample, too).
-- Out: left, right, probability (0 to 1), weight (log2 of the odds), decision (the pair's standing).
--   Of the blind sample, until people have agreed: `blind`, and neither of the numbers.
-- Cost: joins of the pairs with their records.
SELECT l.source_ref AS "left", r.source_ref AS "right",
       CASE WHEN NOT b.is_blind THEN
            round((1 / (1 + power(2, -greatest(-60, least(60, c.weight)))))::numeric, 6)
       END AS probability,
       CASE WHEN NOT b.is_blind THEN round(c.weight::numeric, 3) END AS weight,
       CASE WHEN b.is_blind THEN 'blind' ELSE c.standing END AS decision
FROM reconciliation_candidate c
CROSS JOIN LATERAL (
     SELECT NOT %(open)s AND c.is_sample
            AND c.standing NOT IN ('same', 'not_same', 'unsure') AS is_blind) b
JOIN reconciliation_record l ON l.id = c.left_id
JOIN reconciliation_record r ON r.id = c.right_id
WHERE c.pairing_id = %(pairing)s AND c.run_id <= %(run)s
  AND (c.until IS NULL OR c.until > %(run)s)
ORDER BY c.id
