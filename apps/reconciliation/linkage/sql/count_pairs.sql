-- The pairs of a pairing that hold, counted by everything that a run's page and breakers ask.
-- In: pairing.
-- Out: status, basis, weight bin (whole numbers; beyond ±30 as ±30), whether the NIK agrees, pairs.
-- Cost: one pass.
SELECT status, basis, greatest(-30, least(30, floor(weight)))::int AS bin, levels[1] = 2, count(*)
FROM reconciliation_pair
WHERE pairing_id = %(pairing)s AND until IS NULL
GROUP BY 1, 2, 3, 4
