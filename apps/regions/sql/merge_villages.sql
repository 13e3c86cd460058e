-- One polygon for each region: several features of one region are its parts and are united. A
-- feature under the region's own code goes before one under a code that ended.
-- Tables: shapes, mended, villages (made), villages_place (its index).
-- Units: areas in geodesic m²; repair_change_m2 is the area after less the area before.
-- Measured: with clean_shapes; most of it is the areas.
DROP TABLE IF EXISTS {villages};
CREATE UNLOGGED TABLE {villages} AS
WITH usable AS (
    SELECT
        s.row_number, s.region, s.name, s.line_status, NOT s.is_valid AS is_repaired,
        s.is_renamed, s.shape, coalesce(m.boundary, s.shape) AS boundary,
        rank() OVER (PARTITION BY s.region ORDER BY s.is_renamed) AS choice,
        count(*) OVER (PARTITION BY s.region, s.is_renamed) AS features
    FROM {shapes} AS s
    LEFT JOIN {mended} AS m ON m.row_number = s.row_number
    WHERE s.reason IS NULL AND s.region IS NOT NULL
), united AS (
    SELECT
        region, min(row_number) AS row_number,
        (array_agg(name ORDER BY row_number))[1] AS name,
        (array_agg(line_status ORDER BY row_number))[1] AS line_status,
        bool_or(is_repaired) AS is_repaired, bool_or(is_renamed) AS is_renamed,
        count(*)::int AS features, ST_Multi(ST_Union(boundary)) AS boundary,
        sum(regions_small_area_m2(boundary) - regions_small_area_m2(shape))
            FILTER (WHERE is_repaired) AS repair_change_m2
    FROM usable WHERE choice = 1 AND features > 1
    GROUP BY region
), single AS (
    SELECT
        region, row_number, name, line_status, is_repaired, is_renamed, 1 AS features, boundary,
        CASE WHEN is_repaired
             THEN regions_small_area_m2(boundary) - regions_small_area_m2(shape) END AS repair_change_m2
    FROM usable WHERE choice = 1 AND features = 1
)
SELECT
    region::varchar(13) COLLATE "C" AS region, row_number, name, line_status, is_repaired,
    is_renamed, features, boundary, coalesce(repair_change_m2, 0) AS repair_change_m2,
    ST_Area(boundary::geography) AS area_m2
FROM (SELECT * FROM single UNION ALL
      SELECT region, row_number, name, line_status, is_repaired, is_renamed, features, boundary,
             repair_change_m2 FROM united) AS v;
ALTER TABLE {villages} ADD PRIMARY KEY (region);
CREATE INDEX {villages_place} ON {villages} USING gist (boundary);
ANALYZE {villages};
