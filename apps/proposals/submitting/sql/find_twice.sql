-- Ready rows of a batch that are open elsewhere or twice in it. A SECURITY DEFINER function reads,
-- as the user may not see the other proposal.
-- Parameters: batch. Result: id, village_id, reason (open_elsewhere, twice_in_batch).
SELECT id, village_id, reason FROM proposals_already_open(%(batch)s)
