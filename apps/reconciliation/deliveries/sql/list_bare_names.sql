-- The bare names of regions as files write them: as proposals compare them.
-- Parameters: names (array). Result: written, bare.
SELECT written, proposals_region_name(written) FROM unnest(%(names)s::text[]) AS n (written)
