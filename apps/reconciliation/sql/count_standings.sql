-- The pairs of a pairing by what they count as.
-- In: pairing. Out: standing, pairs.
-- Cost: one pass.
SELECT standing, count(*)
FROM reconciliation_candidate
WHERE pairing_id = %(pairing)s AND until IS NULL
GROUP BY standing
