-- Purpose: questions that were found again: open ones take the register's current values, obsolete
-- ones are open again. Kept and resolved ones stay while the source has the same value.
-- Parameters: run (empty after a decree), now. Tables: found. Result: how many are open again.
-- Index: reconciliation_conflict's primary key by a list of ids.
-- Plan: by rows
WITH renewed AS (
    UPDATE reconciliation_conflict c
       SET status = 'open', ours = f.ours, pair_id = f.pair_id, record_id = f.record_id,
           claim_id = coalesce(f.claim_id, c.claim_id),
           other_person_id = f.other_person_id, village_id = f.village_id,
           run_id = CASE c.status WHEN 'obsolete' THEN %(run)s::bigint ELSE c.run_id END,
           found_at = CASE c.status WHEN 'obsolete' THEN %(now)s ELSE c.found_at END,
           moved_at = CASE c.status WHEN 'open' THEN c.moved_at ELSE %(now)s END,
           worklist_id = CASE WHEN c.status <> 'obsolete'
                               AND left(c.village_id, 5) = left(f.village_id, 5)
                              THEN c.worklist_id END
      FROM {found} f
      JOIN reconciliation_conflict o ON o.id = f.conflict_id
     WHERE c.id = ANY(ARRAY(SELECT conflict_id FROM {found})) AND c.id = f.conflict_id
       AND (c.status IN ('open', 'obsolete')
            OR (c.status = 'answered' AND f.ours <> c.ours
                AND NOT EXISTS (SELECT FROM reconciliation_answer a
                                 WHERE a.conflict_id = c.id AND a.is_taken)))
       AND (c.status <> 'open' OR (c.ours, c.record_id, c.pair_id, c.village_id)
                                  IS DISTINCT FROM
                                  (f.ours, f.record_id, f.pair_id, f.village_id))
    RETURNING o.status
)
SELECT count(*) FILTER (WHERE status <> 'open') FROM renewed
