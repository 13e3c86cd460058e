-- Records of the left side of which some pair waits for people and none is joined.
-- In: pairing. Out: records.
-- Cost: the pairs that wait, by the queue's index; each record's pairs by theirs.
SELECT count(DISTINCT w.left_id)
FROM reconciliation_candidate w
WHERE w.pairing_id = %(pairing)s AND w.until IS NULL AND w.standing IN ('review', 'unsure')
  AND NOT EXISTS (
      SELECT 1 FROM reconciliation_candidate j
      WHERE j.left_id = w.left_id AND j.pairing_id = %(pairing)s AND j.until IS NULL
        AND j.standing IN ('linked', 'same')
  )
