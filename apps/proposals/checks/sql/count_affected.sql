-- Purpose: the number of open proposals in villages, by their claim or by their point. Only a
--   number, because the user may not be allowed to see the proposals.
-- Parameters: codes (of villages), open (statuses). Index: proposals_proposal (village, status).
SELECT proposals_count_affected(%(codes)s, %(open)s)
