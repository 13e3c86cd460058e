-- Purpose: a village, its neighbours and the sea for small maps, for a slow connection.
-- Parameters: code (dotted village code); tolerance (degrees by which lines are simplified; the
--   neighbours' lines by three times as much).
-- Result: one JSON object. features: GeoJSON features (WGS 84, five decimals: about a metre), none
--   where nothing is known; neighbours are cut off at half a village's width beyond the village.
--   sea: what no village covers there, as a geometry, null where there is none; land of a village
--   without boundary is taken as the circle of a kilometre around its office, and strips narrower
--   than some 60 m are what simplified borders leave between them. office: longitude and latitude,
--   or null.
-- Index: regions_boundary_one_current (region_id), regions_boundary_place (GiST),
--   regions_region_level (level, code).
WITH claimed AS MATERIALIZED (
    SELECT r.code, r.office, coalesce(b.boundary, ST_Buffer(r.office, 0.01)) AS shape,
           b.id AS boundary_id
      FROM regions_region AS r
      LEFT JOIN regions_boundary AS b ON b.region_id = r.code AND b.is_current
     WHERE r.code = %(code)s
), frame AS MATERIALIZED (
    SELECT ST_Expand(ST_Envelope(shape),
                     (ST_XMax(shape) - ST_XMin(shape)) / 2, (ST_YMax(shape) - ST_YMin(shape)) / 2)
               AS box
      FROM claimed WHERE shape IS NOT NULL
), near AS MATERIALIZED (
    SELECT b.region_id, b.edition_id, b.region_id = %(code)s AS is_claimed,
           CASE WHEN b.region_id = %(code)s
                THEN ST_SimplifyPreserveTopology(b.boundary, %(tolerance)s)
                ELSE ST_SimplifyPreserveTopology(
                         ST_ClipByBox2D(b.boundary, f.box), 3 * %(tolerance)s) END AS shape
      FROM frame AS f
      JOIN regions_boundary AS b ON b.boundary && f.box
     WHERE b.is_current AND length(b.region_id) = 13
), unmapped AS (
    SELECT ST_Buffer(r.office, 0.01) AS shape
      FROM frame AS f
     CROSS JOIN (SELECT left(%(code)s, 5) AS regency
                  UNION SELECT left(region_id, 5) FROM near) AS around
      JOIN regions_region AS r
        ON r.level = 'village' AND r.code > regency || '.' AND r.code < regency || '/'
       AND r.valid_until IS NULL AND r.office && f.box
     WHERE NOT EXISTS (SELECT FROM regions_boundary AS b WHERE b.region_id = r.code AND b.is_current)
), land AS (
    SELECT ST_CollectionExtract(ST_UnaryUnion(ST_Collect(ST_MakeValid(shape))), 3) AS shape
      FROM (SELECT shape FROM near UNION ALL SELECT shape FROM unmapped) AS known
), opened AS (
    SELECT f.box, greatest(0.0003, 3 * %(tolerance)s) AS reach,
           ST_Difference(f.box, l.shape) AS shape
      FROM frame AS f, land AS l
), sea AS (
    SELECT ST_Simplify(ST_Buffer(ST_Buffer(shape, -reach), reach), %(tolerance)s) AS shape
      FROM opened
)
SELECT jsonb_build_object(
           'type', 'FeatureCollection',
           'features', coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'type', 'Feature',
                          'properties', jsonb_build_object('code', r.code, 'name', r.name,
                                                           'edition', e.name,
                                                           'claimed', n.is_claimed),
                          'geometry', ST_AsGeoJSON(n.shape, 5)::jsonb)
                          ORDER BY n.is_claimed, r.code)
                 FROM near AS n
                 JOIN regions_region AS r ON r.code = n.region_id
                 JOIN regions_boundaryedition AS e ON e.id = n.edition_id
                WHERE NOT ST_IsEmpty(n.shape)), '[]'::jsonb),
           'sea', (SELECT ST_AsGeoJSON(shape, 5)::jsonb FROM sea WHERE NOT ST_IsEmpty(shape)),
           'office', (SELECT jsonb_build_array(round(ST_X(office)::numeric, 5),
                                               round(ST_Y(office)::numeric, 5))
                        FROM claimed WHERE office IS NOT NULL),
           'frame', (SELECT jsonb_build_array(round(ST_XMin(box)::numeric, 5),
                                              round(ST_YMin(box)::numeric, 5),
                                              round(ST_XMax(box)::numeric, 5),
                                              round(ST_YMax(box)::numeric, 5))
                       FROM frame))
