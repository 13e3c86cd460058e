-- How many pairs of a pairing have which weight, in whole numbers; those beyond ±30 count as ±30.
-- Pairs that lose to a better one of their record are left out: no threshold moves them.
-- In: pairing. Out: lower end of the bin, pairs.
-- Cost: one pass.
SELECT greatest(-30, least(30, floor(weight)))::int AS bin, count(*)
FROM reconciliation_candidate
WHERE pairing_id = %(pairing)s AND until IS NULL AND standing <> 'displaced'
GROUP BY bin
ORDER BY bin
