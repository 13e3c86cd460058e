-- Purpose: rows that must be mended and are not in a correction file.
-- Parameters: batch. Tables: sent. Result: row_number, in order.
-- Index: proposals_heldrow_once (batch, row_number).
SELECT h.row_number
  FROM proposals_heldrow AS h
 WHERE h.batch_id = %(batch)s
   AND NOT EXISTS (SELECT FROM {sent} AS s WHERE s.row_number = h.row_number)
 ORDER BY h.row_number
