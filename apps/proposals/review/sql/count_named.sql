-- Purpose: how many proposals of the user's scope a search by name finds, counted up to a limit, so
--   that the list reads either the index of names (few) or its own rows (many).
-- Parameters: part  a part of the name; most  where counting ends
-- Result: the number, at most `most`.
-- Index: proposals_proposalname_trigrams, inside the function. Measured: see docs/operations.md.
SELECT count(*) FROM proposals_find_by_name(%(part)s, %(most)s)
