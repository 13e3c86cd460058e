-- One tile of boundaries. Each level of the zoom is a layer; `label` holds the names of regions that
-- are large enough. Feature ids are the digits of the code. Below zoom 10 villages have nothing but
-- their id: names and codes would be half of such a tile.
-- A shape within the neighbouring tiles is only moved into the tile's units: browsers clip what they
-- draw. ST_AsMVT cuts off the decimals, hence the half unit. ST_AsMVTGeom, which clips and validates,
-- is for larger shapes: it takes four times as long, and ST_SnapToGrid here makes the whole three
-- times as long.
-- Each shape is read, moved and encoded once, in one pass, and kept nowhere in between: with the
-- shapes in a common table and sorted, a tile of 4,800 villages took more than twice as long.
-- Parameters: west, south, east, north (Mercator metres), set (state of the map), zoom (lowest zoom
-- of the outlines), is_exact (villages by their own polygons; these say whether their line is
-- undecided), has_names, extent (units of a tile's side), label_radius_m, decided (pattern of a
-- line's status).
-- Result: the tile (MVT).
-- Index: regions_boundaryshape_z<zoom> (partial GiST).
-- Measured: docs/operations.md, bench/tiles.py.
WITH tile AS MATERIALIZED (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box,
           -- a 64th of the tile around it, and what an exact line may leave its outline by
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     (%(east)s - %(west)s) / 64
                     + CASE WHEN %(is_exact)s THEN 500 ELSE 0 END) AS reach,
           ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857),
                     %(east)s - %(west)s) AS wide,
           u.scale, 0.5 - %(west)s * u.scale AS right_by, 0.5 + %(north)s * u.scale AS down_by
    -- not numeric: its arithmetic for each shape was half of the time
    FROM (SELECT %(extent)s / (%(east)s - %(west)s)::float8 AS scale) AS u
)
SELECT coalesce(ST_AsMVT(d, 'village', %(extent)s, 'geom', 'id')
                    FILTER (WHERE s.level = 'village'), '')
    || coalesce(ST_AsMVT(d, 'district', %(extent)s, 'geom', 'id')
                    FILTER (WHERE s.level = 'district'), '')
    || coalesce(ST_AsMVT(d, 'regency', %(extent)s, 'geom', 'id')
                    FILTER (WHERE s.level = 'regency'), '')
    || coalesce(ST_AsMVT(d, 'province', %(extent)s, 'geom', 'id')
                    FILTER (WHERE s.level = 'province'), '')
    || coalesce(ST_AsMVT(l, 'label', %(extent)s, 'geom', 'id' ORDER BY s.label_radius_m DESC)
                    FILTER (WHERE s.label_radius_m >= %(label_radius_m)s
                        AND ST_X(s.label) >= %(west)s AND ST_X(s.label) < %(east)s
                        AND ST_Y(s.label) > %(south)s AND ST_Y(s.label) <= %(north)s), '')
FROM tile
JOIN regions_boundaryshape AS s ON s.zoom = %(zoom)s AND s.shape && tile.reach
    AND s.since_id <= %(set)s AND (s.until_id IS NULL OR s.until_id > %(set)s)
LEFT JOIN regions_boundary AS b ON %(is_exact)s AND b.id = s.boundary_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(is_exact)s AND b.id IS NOT NULL
                THEN ST_ForcePolygonCW(ST_Transform(b.boundary, 3857)) ELSE s.shape END AS shape,
           replace(s.code, '.', '')::bigint AS id
) AS f
CROSS JOIN LATERAL (
    SELECT CASE WHEN %(has_names)s OR s.level <> 'village' THEN s.code END AS code,
           CASE WHEN %(has_names)s OR s.level <> 'village' THEN s.name END AS name,
           CASE WHEN %(is_exact)s AND s.level = 'village' AND b.line_status !~* %(decided)s
                THEN true END AS undecided,
           CASE WHEN s.shape @ tile.wide
                THEN ST_Affine(f.shape, tile.scale, 0, 0, -tile.scale, tile.right_by, tile.down_by)
                ELSE ST_AsMVTGeom(f.shape, tile.box, %(extent)s, %(extent)s / 64, true) END AS geom,
           f.id
) AS d
CROSS JOIN LATERAL (
    SELECT s.code, s.name, s.level, round(s.label_radius_m)::int AS radius_m, f.id,
           ST_MakePoint(round((ST_X(s.label) - %(west)s) * tile.scale),
                        round((%(north)s - ST_Y(s.label)) * tile.scale)) AS geom
) AS l
