-- Stores one row for each village with registered families in an edition of ours.
-- Tables: families (stage_families.sql). Parameters: edition, per_km2, percent (0: not asked), least
--   (counted families, fewer are never a pocket).
-- Result: villages, families, persons, counted.
-- The area is that of the boundary in force; a village without one has no density, and is no pocket
-- where a density is asked for.
-- Plan: by rows
WITH village AS (
    SELECT village_id, count(*)::int AS families, sum(persons)::int AS persons,
           count(*) FILTER (WHERE is_counted)::int AS counted,
           count(*) FILTER (WHERE is_enrolled)::int AS enrolled,
           count(*) FILTER (WHERE is_proposed)::int AS proposed,
           count(x)::int AS located,
           count(*) FILTER (WHERE verdict = 'inside')::int AS inside,
           count(*) FILTER (WHERE verdict = 'near_border')::int AS near_border
      FROM {families}
     GROUP BY village_id
), programme AS (
    SELECT village_id, jsonb_object_agg(programme_id, persons) AS enrolled_persons,
           jsonb_object_agg(programme_id, families) AS enrolled_families
      FROM (SELECT p.village_id, e.programme_id, count(*) AS persons,
                   count(DISTINCT p.family_id) AS families
              FROM registry_enrolment AS e
              JOIN registry_person AS p ON p.id = e.person_id AND p.status = 'active'
             WHERE e.active_until IS NULL
               AND p.id NOT IN (SELECT person_id FROM registry_canary)
             GROUP BY p.village_id, e.programme_id) AS n
     GROUP BY village_id
), measured AS (
    SELECT v.*, v.counted / nullif(b.area_m2 / 1e6, 0) AS per_km2,
           100.0::float8 * v.counted / v.families AS percent,
           coalesce(p.enrolled_persons, '{{}}') AS enrolled_persons,
           coalesce(p.enrolled_families, '{{}}') AS enrolled_families
      FROM village AS v
      LEFT JOIN regions_boundary AS b ON b.region_id = v.village_id AND b.is_current
      LEFT JOIN programme AS p ON p.village_id = v.village_id
), stored AS (
    INSERT INTO indicators_pocketvillage
           (edition_id, village_id, is_pocket, families, persons, counted, per_km2, percent,
            enrolled, proposed, located, inside, near_border, enrolled_persons,
            enrolled_families, hidden)
    SELECT %(edition)s, village_id,
           counted >= %(least)s
           AND (%(per_km2)s = 0 OR coalesce(per_km2 >= %(per_km2)s, false))
           AND percent >= %(percent)s,
           families, persons, counted, per_km2, percent, enrolled, proposed, located, inside,
           near_border, enrolled_persons, enrolled_families, '{{}}'
      FROM measured
    RETURNING families, persons, counted
)
SELECT count(*) AS villages, coalesce(sum(families), 0)::bigint AS families,
       coalesce(sum(persons), 0)::bigint AS persons, coalesce(sum(counted), 0)::bigint AS counted
  FROM stored
