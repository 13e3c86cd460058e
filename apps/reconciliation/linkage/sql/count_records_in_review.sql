-- Records of the left side with a pair that waits for people and without a joined pair.
-- In: pairing. Out: records.
-- Plan: by rows
-- Cost: few waiting pairs: by the queue's index and each record's own; many: one pass and a hash.
WITH waiting AS MATERIALIZED (
    SELECT DISTINCT left_id FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL AND status IN ('review', 'unsure')
)
SELECT count(*)
FROM waiting w
WHERE NOT EXISTS (
    SELECT FROM reconciliation_pair j
    WHERE j.left_id = w.left_id AND j.pairing_id = %(pairing)s AND j.until IS NULL
      AND j.status IN ('linked', 'same')
)
