-- One tile of boundaries. Each level of the zoom is a layer; `label` holds the names of regions that
-- are large enough. Feature ids are the digits of the code. Below zoom 10 villages have nothing but
-- their id: names and codes would be half of such a tile.
-- A shape within the neighbouring tiles is only moved into the tile's units: browsers clip what they
-- draw. ST_AsMVT cuts off the decimals, hence the half unit. ST_AsMVTGeom, which clips and validates,
-- is for larger shapes: it takes four times as long, and ST_SnapToGrid here makes the whole three
-- times as long.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), zoom (lowest zoom
-- of the outlines), is_exact (villages by their own polygons; these say whether their line is
-- undecided), has_names, extent (units of a tile's side), label_radius_m, decided (pattern of a
-- line's status).
-- Result: the tile (MVT).
-- Index: regions_boundaryshape_z<zoom> (partial GiST).
-- Measured (bench/tiles.py; 2 cores, 24 GiB, 2026-11-29), cold p95: from zoom 8
-- on 18.8 ms, below 11.5 ms; warm 0.5 ms; 145.9 kB at most (zoom 9).
WITH tile AS (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box,
           -- a 64th of the tile around it, and what an exact line may leave its outline by
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     (%(east)s - %(west)s) / 64
                     + CASE WHEN %(is_exact)s THEN 500 ELSE 0 END) AS reach,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     %(east)s - %(west)s) AS wide,
           %(extent)s / (%(east)s - %(west)s) AS scale
), found AS MATERIALIZED (
    SELECT s.level, s.code, s.name, s.label, s.label_radius_m, b.id IS NOT NULL AND b.line_status !~* %(decided)s AS is_undecided,
           replace(s.code, '.', '')::bigint AS id,
           CASE WHEN b.id IS NOT NULL
                THEN ST_ForcePolygonCW(ST_Transform(b.boundary, 3857)) ELSE s.shape END AS shape
    FROM tile, regions_boundaryshape AS s
    LEFT JOIN regions_boundary AS b ON %(is_exact)s AND b.id = s.boundary_id
    WHERE s.zoom = %(zoom)s AND s.shape && tile.reach
        AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
), drawn AS MATERIALIZED (
    SELECT level, code, name, id, CASE WHEN is_undecided THEN true END AS undecided,
           CASE WHEN shape @ tile.wide
                THEN ST_Affine(shape, tile.scale, 0, 0, -tile.scale, 0.5 - %(west)s * tile.scale,
                               0.5 + %(north)s * tile.scale)
                ELSE ST_AsMVTGeom(shape, tile.box, %(extent)s, %(extent)s / 64, true) END AS geom
    FROM found, tile
)
SELECT coalesce((SELECT ST_AsMVT(d, 'village', %(extent)s, 'geom', 'id') FROM (
           SELECT CASE WHEN %(has_names)s THEN code END AS code,
                  CASE WHEN %(has_names)s THEN name END AS name, undecided, geom, id
           FROM drawn
           WHERE level = 'village' AND NOT ST_IsEmpty(geom) ORDER BY id) AS d), '')
    || coalesce((SELECT ST_AsMVT(d, 'district', %(extent)s, 'geom', 'id') FROM (
           SELECT code, name, geom, id FROM drawn
           WHERE level = 'district' AND NOT ST_IsEmpty(geom) ORDER BY id) AS d), '')
    || coalesce((SELECT ST_AsMVT(d, 'regency', %(extent)s, 'geom', 'id') FROM (
           SELECT code, name, geom, id FROM drawn
           WHERE level = 'regency' AND NOT ST_IsEmpty(geom) ORDER BY id) AS d), '')
    || coalesce((SELECT ST_AsMVT(d, 'province', %(extent)s, 'geom', 'id') FROM (
           SELECT code, name, geom, id FROM drawn
           WHERE level = 'province' AND NOT ST_IsEmpty(geom) ORDER BY id) AS d), '')
    || coalesce((SELECT ST_AsMVT(d, 'label', %(extent)s, 'geom', 'id') FROM (
           SELECT code, name, level, round(label_radius_m)::int AS radius_m, id,
                  ST_MakePoint(round((ST_X(label) - %(west)s) * tile.scale),
                               round((%(north)s - ST_Y(label)) * tile.scale)) AS geom
           FROM found, tile
           WHERE label_radius_m >= %(label_radius_m)s
               AND ST_X(label) >= %(west)s AND ST_X(label) < %(east)s
               AND ST_Y(label) > %(south)s AND ST_Y(label) <= %(north)s
           ORDER BY label_radius_m DESC) AS d), '')
