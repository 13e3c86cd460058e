-- The number of lines above the first row in the files of batches, visible to the user or not.
-- Parameters: batches (ids). Result: id, lines.
SELECT b, coalesce(proposals_lines_above(b), 0) FROM unnest(%(batches)s::bigint[]) AS b
