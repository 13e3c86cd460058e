-- Stores the lines whose layer or class says what they are, in Web Mercator.
-- Parameters: layer (the import's number), patterns, kinds, ranks (equally long; the first match
-- counts). Tables: rows (from stage_lines). Result: how many. One pass.
-- Plan: one table
WITH stored AS (
    INSERT INTO maps_baseline (layer_id, kind, rank, name, shape)
    SELECT %(layer)s, c.kind, c.rank, left(btrim(coalesce(r.name, '')), 80), p.shape
      FROM {rows} AS r
     CROSS JOIN LATERAL (
           SELECT u.kind, u.rank
             FROM unnest(%(patterns)s::text[], %(kinds)s::text[], %(ranks)s::int[])
                      WITH ORDINALITY AS u (pattern, kind, rank, nth)
            WHERE r.layer || lower(coalesce(r.class, '')) ~ u.pattern
            ORDER BY u.nth LIMIT 1) AS c
     CROSS JOIN LATERAL (
           SELECT ST_Multi(ST_Transform(r.shape, 3857)) AS shape OFFSET 0) AS p
     WHERE coalesce(r.flag, '') = '' AND r.shape IS NOT NULL
       AND ST_Y(ST_Centroid(r.shape)) BETWEEN -85 AND 85
    RETURNING 1)
SELECT count(*) FROM stored
