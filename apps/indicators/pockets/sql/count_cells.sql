-- Stores the cells of an even hexagon grid that are pockets in an edition of ours.
-- Tables: families (stage_families.sql). Parameters: edition, side (metres), area_km2 (of a cell),
--   per_km2, percent (0: not asked), least (counted families), projection (PROJ text).
-- Result: how many were stored.
-- A point lies in the hexagon whose centre is nearest: of column floor(x / 1.5 side) or of the next
-- one, odd columns half a cell higher. Numbers are rounded to fives: a cell next to a village of
-- which the number is known must not tell the rest.
-- Plan: by rows
WITH cell AS (
    SELECT c.i, c.j, count(*)::int AS families, sum(persons) FILTER (WHERE is_counted) AS persons,
           count(*) FILTER (WHERE is_counted)::int AS counted
      FROM {families} AS f
     CROSS JOIN LATERAL (
           SELECT n.i, n.j
             FROM (SELECT a.i, round(f.y / (%(side)s * sqrt(3)) - (a.i %% 2) / 2.0::float8)::int AS j
                     FROM (SELECT floor(f.x / (1.5 * %(side)s))::int + step AS i
                             FROM (VALUES (0), (1)) AS s (step)) AS a) AS n
            ORDER BY (f.x - 1.5 * %(side)s * n.i) ^ 2
                     + (f.y - sqrt(3) * %(side)s * (n.j + (n.i %% 2) / 2.0::float8)) ^ 2
            LIMIT 1
           ) AS c
     WHERE f.x IS NOT NULL
     GROUP BY c.i, c.j
), pocket AS (
    SELECT i, j, (round(counted / 5.0) * 5)::int AS families,
           (round(persons / 5.0) * 5)::int AS persons,
           row_number() OVER (ORDER BY i, j) AS number
      FROM cell
     WHERE counted >= %(least)s
       AND counted / %(area_km2)s >= %(per_km2)s
       AND 100.0 * counted / families >= %(percent)s
), outline AS (
    -- all at once: the projection is set up for each geometry
    SELECT (d.one).path[1] AS number, (d.one).geom AS area
      FROM (SELECT ST_Dump(ST_Transform(
                       ST_SetSRID(ST_Collect(ST_Hexagon(%(side)s, i, j) ORDER BY i, j), 0),
                       %(projection)s::text, 4326)) AS one
              FROM pocket) AS d
), stored AS (
    INSERT INTO indicators_pocketarea
           (edition_id, number, name, area, area_km2, is_repaired, families, persons, per_km2)
    SELECT %(edition)s, i || ':' || j, '',
           ST_Multi(area), %(area_km2)s, false, families, persons, families / %(area_km2)s
      FROM pocket JOIN outline USING (number)
    RETURNING 1
)
SELECT count(*) FROM stored
