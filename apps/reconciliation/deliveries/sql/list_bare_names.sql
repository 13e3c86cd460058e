-- The bare form of region names from files, as proposals compare them.
-- Parameters: names (array). Result: written, bare.
SELECT written, proposals_region_name(written) FROM unnest(%(names)s::text[]) AS n (written)
