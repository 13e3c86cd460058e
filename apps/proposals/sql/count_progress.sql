-- Purpose: proposals per region and status for the progress table of the home page, counts only.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), code_length integer (2, 5, 8 or 13).
-- Result: region code, status, how many, the last step (UTC).
-- Index: none; portal_within reads every proposal. The page caches the result for 60 s.
SELECT region, status, proposals, last_at FROM proposals_progress(%(scope)s, %(code_length)s)
