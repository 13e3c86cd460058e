-- Purpose: put a source's open questions without a list on the list of their kind and regency.
-- Parameters: subject (the run or the decree that made the lists), source. Result: how many.
-- Plan: by rows
WITH placed AS (
    UPDATE reconciliation_conflict c
       SET worklist_id = w.id
      FROM casework_worklist w
     WHERE c.source_id = %(source)s AND c.status = 'open' AND c.worklist_id IS NULL
       AND w.subject = %(subject)s AND w.kind = c.kind AND w.region_id = left(c.village_id, 5)
    RETURNING 1
)
SELECT count(*) FROM placed
