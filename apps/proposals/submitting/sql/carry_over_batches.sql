-- Purpose: moves batches in review from a frozen cycle to the open one, if any of their rows was
--   not endorsed in time.
-- Parameters: day (date), cycle (the open one), statuses (text[]: not endorsed).
-- Result: id of each batch that moved.
-- Index: proposals_proposal (batch_id, row_number). Runs once an hour as the worker.
-- Plan: one table
UPDATE proposals_batch b
   SET cycle_id = %(cycle)s
  FROM casework_cycle c
 WHERE c.id = b.cycle_id AND c.draw_date <= %(day)s AND c.id <> %(cycle)s AND b.status = 'submitted'
   AND EXISTS (SELECT FROM proposals_proposal p
                WHERE p.batch_id = b.id AND p.status = ANY(%(statuses)s::text[]))
RETURNING b.id
