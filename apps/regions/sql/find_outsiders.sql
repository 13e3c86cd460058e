-- Regions that lie outside their parent, found in one of two ways.
-- Where the nearest parent has a polygon (in this file, or in force): the centre of the region is
-- outside it and less than half of its area is inside.
-- Where no parent has one, by neighbours (villages and districts): the region is apart from the
-- main
-- part of its regency, touches others within reach, and all that it touches belong to other
-- regencies. Two adjacent strays are not found; islands without neighbours are not strays.
-- Tables: villages, unions, outsiders (region, parent, share of its area inside the parent, null by
-- neighbours, and a neighbour).
-- Parameters: size (of the parent's code where there is no polygon), level, reach (degrees within
-- which lines touch; 0.001 is about 110 m).
-- Index: villages_place. Measured: 438 villages 0.1 s, 83,402 with polygons of 514 regencies 26 s.
INSERT INTO {outsiders} (region, parent, share, neighbour)
WITH regions AS MATERIALIZED (
    SELECT v.region, v.boundary, v.area_m2, p.region AS parent, p.boundary AS parent_boundary
    FROM {villages} AS v
    LEFT JOIN LATERAL (
        SELECT c.region, c.boundary
        FROM (
            SELECT o.region, o.boundary FROM {villages} AS o
            WHERE o.region IN (left(v.region, 8), left(v.region, 5), left(v.region, 2))
                AND length(o.region) < length(v.region)
            UNION ALL
            SELECT b.region_id, b.boundary FROM regions_boundary AS b
            WHERE b.is_current AND length(b.region_id) < length(v.region)
                AND b.region_id IN (left(v.region, 8), left(v.region, 5), left(v.region, 2))
        ) AS c
        ORDER BY length(c.region) DESC LIMIT 1
    ) AS p ON true
    WHERE length(v.region) = %(level)s
), strays AS (
    SELECT r.region, r.parent, ST_Area(ST_Intersection(r.boundary, r.parent_boundary))
        / nullif(ST_Area(r.boundary), 0) AS share
    FROM regions AS r
    WHERE r.parent IS NOT NULL
        AND NOT ST_Covers(r.parent_boundary, ST_PointOnSurface(r.boundary))
), main AS MATERIALIZED (
    SELECT DISTINCT ON (u.region) u.region AS parent, d.geom
    FROM {unions} AS u
    CROSS JOIN LATERAL ST_Dump(u.boundary) AS d
    WHERE length(u.region) = %(size)s AND %(level)s > 5
    ORDER BY u.region, ST_Area(d.geom) DESC
), apart AS MATERIALIZED (
    SELECT r.region, r.boundary
    FROM main AS m
    JOIN regions AS r ON left(r.region, %(size)s) = m.parent
    WHERE r.parent IS NULL AND NOT ST_Intersects(m.geom, r.boundary)
        AND NOT ST_DWithin(m.geom, r.boundary, %(reach)s)
), touching AS (
    SELECT a.region, min(n.region) AS neighbour
    FROM apart AS a
    JOIN {villages} AS n ON n.boundary && ST_Expand(a.boundary, %(reach)s)
        AND n.region <> a.region AND ST_DWithin(n.boundary, a.boundary, %(reach)s)
    WHERE length(n.region) = %(level)s
    GROUP BY a.region
    HAVING bool_and(left(n.region, %(size)s) <> left(a.region, %(size)s))
)
SELECT region, parent, share, NULL FROM strays WHERE share < 0.5
UNION ALL
SELECT region, left(region, %(size)s), NULL, neighbour FROM touching;
