-- Held rows whose place a change of boundaries may concern, by batch.
-- A batch that was sent counts until its cycle is over (cycles.is_over): later nobody can mend it.
-- Parameters: codes (changed villages), statuses (of batches whose rows can change), day (today),
--   after (a batch).
-- Result: batch, its row numbers. Of rows that lay in no village all are taken, for any new polygon
-- may hold them. Index: proposals_heldrow_once (batch_id, row_number).
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
