-- The pairs in the lists of a run, counted now. Every number of pairs on its page comes from here,
-- so
-- that each equals the length of the linked list.
-- In: pairing, run.
-- Out: status, weight bin (whole numbers; beyond ±30 as ±30), whether it is of the blind sample
--   and not agreed upon yet (these are listed on their own), pairs.
-- Cost: one pass over the pairs of the pairing, a third of a second for a million.
SELECT status, greatest(-30, least(30, floor(weight)))::int AS bin,
       is_sample AND status NOT IN ('same', 'not_same', 'unsure') AS is_blind, count(*)
FROM reconciliation_pair
WHERE pairing_id = %(pairing)s AND run_id <= %(run)s AND (until IS NULL OR until > %(run)s)
GROUP BY 1, 2, 3
