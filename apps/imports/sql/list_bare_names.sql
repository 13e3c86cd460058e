-- The bare form of region names from files, as proposals compare them.
-- Parameters: names (array). Result: written, bare.
SELECT written, regions_bare_name(written) FROM unnest(%(names)s::text[]) AS n (written)
