-- Purpose: answers with an obstacle are sent back. The question is open again with the register's
-- current value, or obsolete where nothing is left to ask.
-- Parameters: now. Tables: taken. Result: the officer, how many of theirs.
-- Plan: by rows
WITH asked AS (
    UPDATE reconciliation_conflict c
       SET status = CASE WHEN t.person_status IS DISTINCT FROM 'active' OR t.now_ours = t.theirs
                         THEN 'obsolete' ELSE 'open' END,
           ours = t.now_ours, moved_at = %(now)s
      FROM {taken} t
     WHERE c.id = ANY(ARRAY(SELECT conflict_id FROM {taken})) AND c.id = t.conflict_id
       AND t.obstacle <> ''
    RETURNING c.id
), back AS (
    UPDATE reconciliation_answer a
       SET is_taken = false, taken_by_id = NULL, taken_at = %(now)s, taken_note = t.obstacle
      FROM {taken} t
     WHERE a.id = ANY(ARRAY(SELECT answer_id FROM {taken})) AND a.id = t.answer_id
       AND t.obstacle <> ''
    RETURNING a.user_id
)
SELECT user_id, count(*)::integer FROM back GROUP BY user_id
