-- Chooses rows of a batch by their numbers, if they are still held.
-- Parameters: batch, numbers. Tables: chosen (gets row numbers). Result: none.
-- Plan: by key
INSERT INTO {chosen} (row_number)
SELECT row_number FROM proposals_heldrow
 WHERE batch_id = %(batch)s AND row_number = ANY(%(numbers)s)
