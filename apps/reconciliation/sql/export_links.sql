-- The pairs after a run, with the sources' own numbers of their records.
-- In: pairing, run.
-- Out: left, right, probability (0 to 1), weight (log2 of the odds), decision (the pair's status),
--   blind_sample (true, false: in the blind sample; lists for reviewers hide the status of such a
--   pair, this export does not, because it is for users of the links).
-- Cost: joins of the pairs with their records.
SELECT l.source_ref AS "left", r.source_ref AS "right",
       round((1 / (1 + power(2, -greatest(-60, least(60, c.weight)))))::numeric, 6) AS probability,
       round(c.weight::numeric, 3) AS weight,
       c.status AS decision,
       CASE WHEN c.is_sample THEN 'true' ELSE 'false' END AS blind_sample
FROM reconciliation_pair c
JOIN reconciliation_record l ON l.id = c.left_id
JOIN reconciliation_record r ON r.id = c.right_id
WHERE c.pairing_id = %(pairing)s AND c.run_id <= %(run)s
  AND (c.until IS NULL OR c.until > %(run)s)
ORDER BY c.id
