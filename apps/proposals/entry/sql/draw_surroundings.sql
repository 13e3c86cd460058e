-- Purpose: a village and its neighbours for the small map of the form, for a slow connection.
-- Parameters: code (dotted village code); tolerance (degrees by which lines are simplified; the
--   neighbours' lines by three times as much).
-- Result: one JSON array of GeoJSON features (WGS 84, five decimals: about a metre). Neighbours are
--   cut off at half a village's width beyond the village.
-- Index: regions_boundary_one_current (region_id), regions_boundary_place (GiST).
WITH claimed AS MATERIALIZED (
    SELECT r.code, coalesce(b.boundary, ST_Buffer(r.office, 0.01)) AS shape, b.id AS boundary_id
      FROM regions_region AS r
      LEFT JOIN regions_boundary AS b ON b.region_id = r.code AND b.is_current
     WHERE r.code = %(code)s
), frame AS MATERIALIZED (
    SELECT ST_Expand(ST_Envelope(shape),
                     (ST_XMax(shape) - ST_XMin(shape)) / 2, (ST_YMax(shape) - ST_YMin(shape)) / 2)
               AS box
      FROM claimed WHERE shape IS NOT NULL
), near AS (
    SELECT b.region_id, b.edition_id, b.region_id = %(code)s AS is_claimed,
           CASE WHEN b.region_id = %(code)s
                THEN ST_SimplifyPreserveTopology(b.boundary, %(tolerance)s)
                ELSE ST_SimplifyPreserveTopology(
                         ST_ClipByBox2D(b.boundary, f.box), 3 * %(tolerance)s) END AS shape
      FROM frame AS f
      JOIN regions_boundary AS b ON b.boundary && f.box
     WHERE b.is_current AND length(b.region_id) = 13
)
SELECT jsonb_agg(jsonb_build_object(
           'type', 'Feature',
           'properties', jsonb_build_object('code', r.code, 'name', r.name, 'edition', e.name,
                                            'claimed', n.is_claimed),
           'geometry', ST_AsGeoJSON(n.shape, 5)::jsonb)
           ORDER BY n.is_claimed, r.code)
  FROM near AS n
  JOIN regions_region AS r ON r.code = n.region_id
  JOIN regions_boundaryedition AS e ON e.id = n.edition_id
 WHERE NOT ST_IsEmpty(n.shape)
