-- Purpose: the first twenty row numbers that the batch does not have.
-- Parameters: batch. Tables: chosen. Result: row_number.
SELECT c.row_number
  FROM {chosen} AS c
 WHERE NOT EXISTS (SELECT FROM proposals_proposal
                    WHERE batch_id = %(batch)s AND row_number = c.row_number)
   AND NOT EXISTS (SELECT FROM proposals_heldrow
                    WHERE batch_id = %(batch)s AND row_number = c.row_number)
   AND NOT EXISTS (SELECT FROM proposals_droppedrow
                    WHERE batch_id = %(batch)s AND row_number = c.row_number)
 ORDER BY c.row_number LIMIT 20
