-- Writes the quality report: one row for each remark. Overlaps and gaps are listed above listed_m2.
-- Tables: shapes, mended, villages, overlaps, gaps, outsiders, changes. Parameters: edition, covers, level
-- (length of codes), parent_size (of the area in which a region without polygon is missed), day,
-- listed_m2. Result: none.
-- Measured: 438 villages 0.2 s; 83,402 with 440,000 remarks 93 s, boundaries included, most of it
-- the villages around each gap.
DELETE FROM regions_qualityissue WHERE edition_id = %(edition)s;
INSERT INTO regions_qualityissue
    (edition_id, kind, region_code, other_code, name, row_number, area_m2, details, place)
SELECT %(edition)s, i.kind, coalesce(i.region, ''), coalesce(i.other, ''),
       left(coalesce(i.name, ''), 120), i.row_number, i.area_m2, coalesce(i.details, '{{}}'), i.place
FROM (
    SELECT 'repaired' AS kind, v.region, NULL AS other, v.name, v.row_number,
           v.repair_change_m2 AS area_m2,
           jsonb_build_object('area_after_m2', round(v.area_m2)) AS details,
           ST_PointOnSurface(v.boundary)::geometry AS place
    FROM {villages} AS v WHERE v.is_repaired
    UNION ALL
    SELECT 'refused', coalesce(s.region, s.code), NULL, s.name, s.row_number, NULL,
           jsonb_build_object('reason', s.reason), NULL
    FROM {shapes} AS s WHERE s.reason IS NOT NULL
    UNION ALL
    SELECT 'unknown_code', s.code, NULL, s.name, s.row_number, NULL,
           jsonb_build_object('reason', CASE WHEN coalesce(s.code, '') = '' THEN 'empty'
               WHEN s.was_known THEN 'ended' ELSE 'unknown' END),
           coalesce(m.boundary, s.shape)
    FROM {shapes} AS s LEFT JOIN {mended} AS m ON m.row_number = s.row_number
    WHERE s.reason IS NULL AND s.region IS NULL
    UNION ALL
    SELECT 'renamed', v.region, s.code, v.name, v.row_number, NULL, NULL, NULL
    FROM {villages} AS v JOIN {shapes} AS s ON s.row_number = v.row_number WHERE v.is_renamed
    UNION ALL
    SELECT 'merged', v.region, NULL, v.name, v.row_number, NULL,
           jsonb_build_object('features', v.features), ST_PointOnSurface(v.boundary)
    FROM {villages} AS v WHERE v.features > 1
    UNION ALL
    SELECT 'merged', s.region, s.code, s.name, s.row_number, NULL,
           jsonb_build_object('left_out', true), NULL
    FROM {shapes} AS s JOIN {villages} AS v ON v.region = s.region
    WHERE s.reason IS NULL AND s.is_renamed AND NOT v.is_renamed
    UNION ALL
    SELECT 'code_without_polygon', r.code, NULL, r.name, NULL, NULL, NULL, r.office
    FROM regions_region AS r
    WHERE length(r.code) = %(level)s AND r.level <> 'country'
        AND (r.valid_from IS NULL OR r.valid_from <= %(day)s)
        AND (r.valid_until IS NULL OR r.valid_until > %(day)s)
        AND CASE WHEN %(covers)s = '' THEN left(r.code, %(parent_size)s) IN (
                     SELECT left(v.region, %(parent_size)s) FROM {villages} AS v)
                 ELSE %(covers)s = 'ID' OR starts_with(r.code, %(covers)s) END
        AND NOT EXISTS (SELECT FROM {villages} AS v WHERE v.region = r.code)
    UNION ALL
    SELECT 'overlap', o.region, o.other, v.name, NULL, o.area_m2, NULL, o.place
    FROM {overlaps} AS o JOIN {villages} AS v ON v.region = o.region
    WHERE o.area_m2 > %(listed_m2)s
    UNION ALL
    SELECT 'gap', b.codes[1], b.codes[2], NULL, NULL, g.area_m2,
           jsonb_build_object('area', g.region, 'between', b.codes), g.place
    FROM {gaps} AS g
    CROSS JOIN LATERAL (
        SELECT coalesce((array_agg(v.region ORDER BY v.region))[1:8], '{{}}') AS codes
        FROM {villages} AS v
        WHERE v.boundary && g.place AND ST_Intersects(v.boundary, g.place)
    ) AS b
    WHERE g.area_m2 > %(listed_m2)s
    UNION ALL
    SELECT 'outside_parent', o.region, o.parent, v.name, v.row_number, v.area_m2,
           jsonb_strip_nulls(jsonb_build_object(
               'share_inside', round(o.share::numeric, 3), 'neighbour', o.neighbour)),
           ST_PointOnSurface(v.boundary)
    FROM {outsiders} AS o
    JOIN {villages} AS v ON v.region = o.region
    UNION ALL
    SELECT c.kind, c.region, NULL, coalesce(v.name, f.name), NULL, c.area_m2, NULL,
           ST_PointOnSurface(coalesce(v.boundary, f.boundary))
    FROM {changes} AS c
    LEFT JOIN {villages} AS v ON v.region = c.region
    LEFT JOIN regions_boundary AS f ON f.id = c.former_id
) AS i;
