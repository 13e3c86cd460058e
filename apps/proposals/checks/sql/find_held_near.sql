-- Held rows whose place a change of boundaries may concern, by batch.
-- A submitted batch counts until its cycle is over (calendar_rules.is_over): after that its rows
-- cannot be corrected.
-- Parameters: codes (changed villages), statuses (of batches whose rows can change), day (today),
--   after (a batch).
-- Result: batch, its row numbers. Rows whose point was in no village are all included, as any new
-- polygon may contain them. Index: proposals_heldrow_once (batch_id, row_number).
SELECT h.batch_id, array_agg(h.row_number ORDER BY h.row_number)
  FROM proposals_heldrow AS h
  JOIN proposals_batch AS b ON b.id = h.batch_id
  LEFT JOIN casework_cycle AS c ON c.id = b.cycle_id
 WHERE b.status = ANY (%(statuses)s) AND b.id > %(after)s AND h.location IS NOT NULL
   AND (b.status = 'ready' OR c.id IS NULL OR c.cutoff_date >= %(day)s)
   AND (h.village_code = ANY (%(codes)s) OR h.actual_village_code = ANY (%(codes)s)
        OR (h.actual_village_code = '' AND h.verdict IN ('unmapped', 'near_border', 'no_polygon')))
 GROUP BY h.batch_id
 ORDER BY h.batch_id
