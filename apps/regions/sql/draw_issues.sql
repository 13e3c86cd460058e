-- Remarks with a place as GeoJSON, the largest first. Parameters: edition, kind ('' is all), most.
-- Result: text of a FeatureCollection with the member `total` (how many have a place).
WITH placed AS (
    SELECT i.id, i.kind, i.region_code, i.other_code, i.name, i.area_m2, i.place
    FROM regions_qualityissue AS i
    WHERE i.edition_id = %(edition)s AND i.place IS NOT NULL
        AND (%(kind)s = '' OR i.kind = %(kind)s)
), drawn AS (
    SELECT * FROM placed ORDER BY area_m2 DESC NULLS LAST, id LIMIT %(most)s
)
SELECT json_build_object(
    'type', 'FeatureCollection',
    'total', (SELECT count(*) FROM placed),
    'features', coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'geometry', ST_AsGeoJSON(d.place, 6)::json,
        'properties', json_build_object(
            'kind', d.kind, 'code', d.region_code, 'other', d.other_code, 'name', d.name,
            'area', round(d.area_m2))
    ) ORDER BY d.area_m2 DESC NULLS LAST, d.id), '[]'))::text
FROM drawn AS d;
