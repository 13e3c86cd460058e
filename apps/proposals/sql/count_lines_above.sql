-- How many lines of their files lie above the first rows of batches, in sight or not.
-- Parameters: batches (ids). Result: id, lines.
SELECT b, coalesce(proposals_lines_above(b), 0) FROM unnest(%(batches)s::bigint[]) AS b
