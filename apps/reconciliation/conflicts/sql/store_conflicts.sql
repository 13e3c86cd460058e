-- Purpose: store the questions that were never asked.
-- Parameters: run (empty after a decree), source, now. Tables: found. Result: kind, how many.
-- Locks: none; only one run of a pairing is active.
-- Plan: by rows
WITH stored AS (
    INSERT INTO reconciliation_conflict (kind, status, run_id, pair_id, record_id, person_id,
                                         other_person_id, village_id, source_id, field, ours,
                                         theirs, claim_id, found_at, moved_at)
    SELECT kind, 'open', %(run)s::bigint, pair_id, record_id, person_id, other_person_id, village_id,
           %(source)s, field, left(ours, 300), left(theirs, 300), claim_id, %(now)s, %(now)s
      FROM {found}
     WHERE conflict_id IS NULL
     ORDER BY kind, village_id, person_id
        ON CONFLICT DO NOTHING
    RETURNING kind
)
SELECT kind, count(*) FROM stored GROUP BY kind
