-- Purpose: questions whose answer is written are resolved, those where the register was right are
-- kept. Other questions about a removed person become obsolete.
-- Parameters: now. Tables: taken. Result: resolved, kept, gone, and the work-lists touched besides.
-- Plan: by rows
WITH closed AS (
    UPDATE reconciliation_conflict c
       SET status = CASE t.choice WHEN 'ours' THEN 'kept' ELSE 'resolved' END,
           change_id = h.id, moved_at = %(now)s
      FROM {taken} t
      LEFT JOIN registry_change h
        ON h.kind = 'resolution' AND h.reference = t.reference AND t.reference <> ''
     WHERE c.id = ANY(ARRAY(SELECT conflict_id FROM {taken})) AND c.id = t.conflict_id
    RETURNING c.status
), gone AS (
    UPDATE reconciliation_conflict c
       SET status = 'obsolete', moved_at = %(now)s
      FROM {taken} t
     WHERE t.field = 'removed' AND c.person_id = t.person_id AND c.id <> t.conflict_id
       AND c.person_id = ANY(ARRAY(SELECT person_id FROM {taken} WHERE field = 'removed'))
       AND c.status IN ('open', 'answered')
       AND NOT EXISTS (SELECT FROM reconciliation_answer a
                        WHERE a.conflict_id = c.id AND a.is_taken)
    RETURNING c.worklist_id
)
SELECT count(*) FILTER (WHERE status = 'resolved'), count(*) FILTER (WHERE status = 'kept'),
       (SELECT count(*) FROM gone),
       (SELECT coalesce(array_agg(DISTINCT worklist_id), '{{}}') FROM gone
         WHERE worklist_id IS NOT NULL)
  FROM closed
