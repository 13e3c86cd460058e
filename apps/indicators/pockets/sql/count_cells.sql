-- Stores the cells of an even hexagon grid that are pockets in an edition of ours, as far as they tell
-- nothing small.
-- Tables: families (stage_families.sql). Parameters: edition, side (metres), area_km2 (of a cell),
--   per_km2, percent (0: not asked), least (counted families), projection (PROJ text).
-- Result: how many were stored. The villages of the edition are stored, and what is hidden of them.
-- A point lies in the hexagon whose centre is nearest: of column floor(x / 1.5 side) or of the next
-- one, odd columns half a cell higher.
-- What a cell tells (adr/0030). Its number is rounded to fives, and is shown only where the number of
-- each of its villages is, where each of these has at least `least` counted families in it, and where
-- those that the village has beside its shown cells are none or as many: then no difference of cells
-- and villages is small. A share that is asked for bounds the families that are not counted: they are
-- none or as many, too, unless the bound is that wide.
-- Plan: by rows
WITH part AS MATERIALIZED (
    SELECT c.i, c.j, f.village_id, count(*)::int AS families,
           sum(persons) FILTER (WHERE is_counted) AS persons,
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
     GROUP BY c.i, c.j, f.village_id
), told AS MATERIALIZED (
    SELECT village_id, counted
      FROM indicators_pocketvillage
     WHERE edition_id = %(edition)s AND is_pocket IS NOT NULL
), cell AS (
    SELECT p.i, p.j, sum(p.families)::int AS families, sum(p.persons) AS persons,
           sum(p.counted)::int AS counted,
           bool_and(p.counted = 0 OR p.counted >= %(least)s AND t.village_id IS NOT NULL) AS is_told,
           array_agg(p.village_id ORDER BY p.village_id) FILTER (WHERE p.counted > 0) AS villages
      FROM part AS p
      LEFT JOIN told AS t ON t.village_id = p.village_id
     GROUP BY p.i, p.j
), likely AS MATERIALIZED (
    SELECT *
      FROM cell
     WHERE is_told AND counted >= %(least)s AND persons >= %(least)s
       AND counted / %(area_km2)s >= %(per_km2)s
       AND 100.0 * counted / families >= %(percent)s
       AND (%(percent)s = 0 OR families = counted OR families - counted >= %(least)s
            OR counted * (100.0 / nullif(%(percent)s, 0) - 1) >= %(least)s)
), short AS (
    -- villages of which too few are beside their cells: the smallest of these is left out
    SELECT t.village_id
      FROM likely AS l
      JOIN part AS p ON p.i = l.i AND p.j = l.j AND p.counted > 0
      JOIN told AS t ON t.village_id = p.village_id
     GROUP BY t.village_id, t.counted
    HAVING t.counted - sum(p.counted) BETWEEN 1 AND %(least)s - 1
), left_out AS (
    SELECT DISTINCT ON (p.village_id) p.i, p.j
      FROM short AS s
      JOIN part AS p ON p.village_id = s.village_id AND p.counted > 0
      JOIN likely AS l ON l.i = p.i AND l.j = p.j
     ORDER BY p.village_id, p.counted, p.i, p.j
), pocket AS (
    SELECT i, j, (round(counted / 5.0) * 5)::int AS families,
           (round(persons / 5.0) * 5)::int AS persons, villages,
           row_number() OVER (ORDER BY i, j) AS number
      FROM likely
     WHERE (i, j) NOT IN (SELECT i, j FROM left_out)
), outline AS (
    -- all at once: the projection is set up for each geometry
    SELECT (d.one).path[1] AS number, (d.one).geom AS area
      FROM (SELECT ST_Dump(ST_Transform(
                       ST_SetSRID(ST_Collect(ST_Hexagon(%(side)s, i, j) ORDER BY i, j), 0),
                       %(projection)s::text, 4326)) AS one
              FROM pocket) AS d
), stored AS (
    INSERT INTO indicators_pocketarea
           (edition_id, number, name, area, area_km2, is_repaired, families, persons, per_km2,
            villages, middle_in)
    SELECT %(edition)s, i || ':' || j, '',
           ST_Multi(area), %(area_km2)s, false, families, persons, families / %(area_km2)s,
           villages, ''
      FROM pocket JOIN outline USING (number)
    RETURNING 1
)
SELECT count(*) FROM stored
