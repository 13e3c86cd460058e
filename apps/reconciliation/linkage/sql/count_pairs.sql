-- The current pairs of a pairing, counted by all properties that a run's page and breakers use.
-- In: pairing.
-- Out: status, basis, weight bin (whole numbers; beyond ±30 as ±30), whether the NIK agrees, pairs.
-- Cost: one pass.
SELECT status, basis, greatest(-30, least(30, floor(weight)))::int AS bin, levels[1] = 2, count(*)
FROM reconciliation_pair
WHERE pairing_id = %(pairing)s AND until IS NULL
GROUP BY 1, 2, 3, 4
