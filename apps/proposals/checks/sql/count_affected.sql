-- Purpose: how many open proposals lie in villages, by their claim or by their point. A number alone, for whoever
-- may see none of them.
-- Parameters: codes (of villages), open (statuses). Index: proposals_proposal (village, status).
SELECT proposals_count_affected(%(codes)s, %(open)s)
