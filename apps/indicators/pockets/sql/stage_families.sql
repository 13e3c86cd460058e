-- The active families of the register, without those of made-up persons, with what the pockets and
-- the coverage count of each.
-- Tables: proposed (indicators/find_proposed.sql). Parameters: programmes (codes; empty: every family is
--   counted).
-- Result: village_id, x, y (metres in the projection, null without a point), verdict, persons,
--   is_counted (a person of it has an open enrolment in one of the programmes), is_enrolled (in any),
--   is_proposed.
-- The projection is the cylindrical equal-area one on WGS 84 with the meridian 90° E
--   (`computation.PROJECTION`; Snyder, Map Projections: A Working Manual, 1987, eq. 10-14 f.), written
--   out: ST_Transform to a PROJ text sets the projection up for each row, 8 ms.
-- Cost: reads families, persons, enrolments and proposals once each, by hash.
-- Measured (bench/pockets.py; 2 cores, 24 GiB, 2026-11-29): an edition of the country, villages and cells,
-- 21.6 s over 4.65 million persons (60 s asked).
WITH enrolled AS MATERIALIZED (
    SELECT p.family_id, bool_or(e.programme_id = ANY (%(programmes)s::text[])) AS is_among
      FROM registry_enrolment AS e
      JOIN registry_person AS p ON p.id = e.person_id AND p.status = 'active'
     WHERE e.active_until IS NULL
     GROUP BY p.family_id
), people AS MATERIALIZED (
    SELECT family_id, count(*)::int AS persons
      FROM registry_person
     WHERE status = 'active'
     GROUP BY family_id
)
SELECT f.village_id,
       6378137 * radians(ST_X(f.location) - 90) AS x,
       6378137 / 2.0::float8 * (1 - o.e2)
           * (o.s / (1 - o.e2 * o.s ^ 2)
              + ln((1 + sqrt(o.e2) * o.s) / (1 - sqrt(o.e2) * o.s)) / (2 * sqrt(o.e2))) AS y,
       CASE WHEN f.location IS NOT NULL THEN f.location_verdict END AS verdict,
       coalesce(n.persons, 0) AS persons,
       cardinality(%(programmes)s::text[]) = 0 OR coalesce(e.is_among, false) AS is_counted,
       e.family_id IS NOT NULL AS is_enrolled,
       d.kk IS NOT NULL AS is_proposed
  FROM registry_family AS f
  LEFT JOIN people AS n ON n.family_id = f.id
  LEFT JOIN enrolled AS e ON e.family_id = f.id
  LEFT JOIN {proposed} AS d ON d.village_id = f.village_id AND d.kk = f.kk
 CROSS JOIN LATERAL (
       SELECT sin(radians(ST_Y(f.location))) AS s, 0.00669437999014::float8 AS e2) AS o
 WHERE f.is_active
   AND f.id NOT IN (SELECT p.family_id FROM registry_canary AS c
                      JOIN registry_person AS p ON p.id = c.person_id)
