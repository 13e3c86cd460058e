-- The pairs that a run found → candidates, with what each counts as by itself.
-- In: pairing, run, lower, upper, within (one source with itself: the smaller id is the left one).
-- Table {pairs}: left_id, right_id, weight, levels, rarity, as the linkage gave them.
-- A NIK that agrees links when a name or a date of birth confirms it; alone it is a question for
-- people, whatever else agrees. The places in `levels` are those of `comparisons.COMPARISONS`:
-- 1 NIK (2 exact), 2 name (2 and more: one name holds the other, or closer), 3 date of birth
-- (2 and more: one digit off, swapped, equal).
-- Out: inserted.
-- Plan: one table
-- Cost: one pass. A pair that stands already is not written again.
WITH found AS (
    SELECT CASE WHEN %(within)s THEN least(left_id, right_id) ELSE left_id END AS left_id,
           CASE WHEN %(within)s THEN greatest(left_id, right_id) ELSE right_id END AS right_id,
           weight, levels, rarity,
           CASE
               WHEN levels[1] = 2 AND (levels[2] >= 2 OR levels[3] >= 2) THEN 'nik'
               WHEN levels[1] = 2 THEN 'nik_alone'
               ELSE 'weight'
           END AS basis
    FROM {pairs}
), inserted AS (
    INSERT INTO reconciliation_candidate
        (pairing_id, run_id, left_id, right_id, basis, standing, weight, levels, rarity, is_sample)
    SELECT %(pairing)s, %(run)s, left_id, right_id, basis,
           CASE
               WHEN basis = 'nik' THEN 'linked'
               WHEN basis = 'nik_alone' THEN 'review'
               WHEN weight >= %(upper)s THEN 'linked'
               WHEN weight >= %(lower)s THEN 'review'
               ELSE 'below'
           END,
           weight, levels, rarity, false
    FROM found
    RETURNING 1
)
SELECT count(*) FROM inserted
