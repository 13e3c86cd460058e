-- Store the pairs that a run found.
-- In: pairing, run. Table {pairs}: what `linkage.PAIR_COLUMNS` lists.
-- Out: inserted.
-- Plan: one table
-- Cost: one pass. A pair that is stored already is not written again.
WITH inserted AS (
    INSERT INTO reconciliation_pair
        (pairing_id, run_id, left_id, right_id, basis, status, weight, levels, rarity, is_sample)
    SELECT %(pairing)s, %(run)s, left_id, right_id, basis, status, weight, levels, rarity, false
    FROM {pairs}
    RETURNING 1
)
SELECT count(*) FROM inserted
