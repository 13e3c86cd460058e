-- Purpose: proposals with a finding per region and kind of finding, counts only.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), code_length integer (2, 5, 8 or 13),
--   statuses text[].
-- Result: region code, code of the finding, how many proposals have it.
-- Index: proposals_proposal_queue (range of villages), proposals_finding_row.
SELECT region, code, proposals
  FROM proposals_findings(%(scope)s, %(code_length)s, %(statuses)s)
