-- Outlines of an edition in a box as GeoJSON, simplified. Parameters: edition, west, south, east,
-- north, tolerance (degrees), most. Result: text of a FeatureCollection.
-- Measured: 438 villages, 120 kB, 0.1 s.
SELECT json_build_object(
    'type', 'FeatureCollection',
    'features', coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'geometry', ST_AsGeoJSON(
            coalesce(ST_SimplifyPreserveTopology(o.boundary, %(tolerance)s), o.boundary), 5)::json,
        'properties', json_build_object('code', o.region_id, 'name', o.name))
    ORDER BY o.region_id), '[]'))::text
FROM (
    SELECT b.region_id, r.name, b.boundary
    FROM regions_boundary AS b JOIN regions_region AS r ON r.code = b.region_id
    WHERE b.edition_id = %(edition)s
        AND b.boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    LIMIT %(most)s
) AS o;
