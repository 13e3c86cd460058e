-- The active families of the register, with what the pockets and the coverage count of each.
-- Parameters: programmes (codes; empty: every family is counted), projection (equal-area, as PROJ
--   text, with no place of the country west of its meridian).
-- Result: village_id, x, y (metres in the projection, null without a point), verdict, persons,
--   is_counted (a person of it has an open enrolment in one of the programmes), is_enrolled (in any),
--   is_proposed (a proposal names its KK; drafts and withdrawn ones do not count).
-- Cost: reads families, persons, enrolments and proposals once each, by hash.
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
), proposed AS MATERIALIZED (
    SELECT DISTINCT kk FROM proposals_proposal WHERE status NOT IN ('draft', 'withdrawn')
)
SELECT f.village_id,
       ST_X(o.place) AS x, ST_Y(o.place) AS y,
       CASE WHEN f.location IS NOT NULL THEN f.location_verdict END AS verdict,
       coalesce(n.persons, 0) AS persons,
       cardinality(%(programmes)s::text[]) = 0 OR coalesce(e.is_among, false) AS is_counted,
       e.family_id IS NOT NULL AS is_enrolled,
       d.kk IS NOT NULL AS is_proposed
  FROM registry_family AS f
  LEFT JOIN people AS n ON n.family_id = f.id
  LEFT JOIN enrolled AS e ON e.family_id = f.id
  LEFT JOIN proposed AS d ON d.kk = f.kk
 CROSS JOIN LATERAL (
       SELECT CASE WHEN f.location IS NOT NULL
                   THEN ST_Transform(f.location, %(projection)s::text) END AS place
       ) AS o
 WHERE f.is_active
