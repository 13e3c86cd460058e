-- Purpose: how many proposals of the user's scope a search by name finds, counted up to a limit, so
--   that the list reads either the index of names (few) or its own rows (many).
-- Parameters: part  a part of the name; most  where counting ends
-- Result: the number, at most `most`.
-- Index: the trigrams of each partition of proposals_proposalname, inside the function.
SELECT count(*) FROM proposals_find_by_name(%(part)s, %(most)s)
