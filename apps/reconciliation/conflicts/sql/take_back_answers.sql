-- Purpose: answers about a value that the register no longer holds are sent back before the
-- decision.
-- An answer that is being taken over is skipped: the writing job checks it again.
-- Parameters: now. Tables: found. Result: how many.
-- Plan: by rows
WITH back AS (
    UPDATE reconciliation_answer a
       SET is_taken = false, taken_at = %(now)s, taken_note = 'changed'
      FROM {found} f
      JOIN reconciliation_conflict c ON c.id = f.conflict_id
     WHERE a.conflict_id = ANY(ARRAY(SELECT conflict_id FROM {found})) AND a.conflict_id = c.id
       AND a.is_taken IS NULL AND c.status = 'answered' AND f.ours <> c.ours
    RETURNING 1
)
SELECT count(*) FROM back
