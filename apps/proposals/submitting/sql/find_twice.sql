-- Ready rows of a batch that are open elsewhere or twice in it; a definer's function looks, for the
-- other proposal may be out of sight.
-- Parameters: batch. Result: id, village_id, reason (open_elsewhere, twice_in_batch).
SELECT id, village_id, reason FROM proposals_already_open(%(batch)s)
