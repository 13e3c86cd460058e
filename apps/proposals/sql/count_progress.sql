-- Purpose: proposals per region and status for the home page, counts only.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), code_length integer (0, 2, 5, 8 or
--   13; 0 counts the scope as one), statuses text[].
-- Result: region code, status, how many, the oldest and the newest last step (UTC).
-- Index: proposals_proposal_queue alone (village_id, status, id, with step_at).
SELECT region, status, proposals, oldest_at, last_at
  FROM proposals_progress(%(scope)s, %(code_length)s, %(statuses)s)
