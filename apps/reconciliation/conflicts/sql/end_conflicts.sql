-- Purpose: end questions that no longer exist, except those whose answer is being taken over.
-- Parameters: source, kinds (text[]: those that this run looked for), now. Tables: found.
-- Result: how many.
-- Plan: by rows
WITH ended AS (
    UPDATE reconciliation_conflict c
       SET status = 'obsolete', moved_at = %(now)s
     WHERE c.source_id = %(source)s AND c.kind = ANY(%(kinds)s::text[])
       AND c.status IN ('open', 'answered')
       AND NOT EXISTS (SELECT FROM {found} f WHERE f.conflict_id = c.id)
       AND NOT EXISTS (SELECT FROM reconciliation_answer a
                        WHERE a.conflict_id = c.id AND a.is_taken)
    RETURNING 1
)
SELECT count(*) FROM ended
