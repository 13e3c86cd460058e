-- Stores the polygons of an edition.
-- Tables: villages. Parameters: edition, tolerance_m. Result: how many stored.
-- Measured: with store_issues.
WITH stored AS (
    INSERT INTO regions_boundary
        (edition_id, region_id, name, boundary, area_m2, is_repaired, repair_change_m2,
         line_status, tolerance_m, is_current)
    SELECT %(edition)s, v.region, v.name, v.boundary, v.area_m2, v.is_repaired,
           v.repair_change_m2, v.line_status, %(tolerance_m)s, false
    FROM {villages} AS v
    ORDER BY v.region
    RETURNING 1
)
SELECT count(*) FROM stored;
