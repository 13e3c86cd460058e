-- Purpose: how many proposals of the user's scope a search by name finds, counted up to a limit, so
--   that the list reads either the index of names (few) or its own rows (many).
-- Parameters: part  a part of the name; most  where counting ends
-- Result: the number, at most `most`.
-- Index: proposals_proposal_named (trigrams), inside the function. Measured at 1,000,000 proposals (2
--   shared cores at load 5, 2026-11-29): three rows of a rare name with their keys 0.06 s, 0.8 s by
--   reading the rows; counting a common one up to 10,001 0.08 s.
SELECT count(*) FROM proposals_find_by_name(%(part)s, %(most)s)
