-- Stores one row for each village that the footprints of a version of a hazard meet, with counts of
-- the registered families and persons in it, without made-up ones (registry_canary).
-- Parameters: assessment, hazard, revision; day (ages are counted on it), the bounds of groups
--   (registry.models.rules).
-- Result: editions (names), villages, families, persons, the sums of the other counts, and the
--   greatest and least severity of the villages with registered people.
-- A village is met when a footprint intersects its polygon in force at all. Shares of the area are
-- shares of planar degrees, which are those of the area: a village is small. A village inside one
-- footprint needs no intersection; for the others footprints are cut into pieces of 256 corners.
-- Families and persons are found by village, enrolments by person (OFFSET 0 keeps the look-ups on
-- their index, whatever the statistics say).
-- Disability: a kind of it, or a kind of PPKS that says so.
-- Indexes: regions_boundary_place, registry_family_village, registry_person_village,
--   registry_enrolment_open.
-- Measured: 2,032 villages, 115,824 persons of a register of 4.8 million: 0.7 s.
-- Plan: by key
WITH made_up AS MATERIALIZED (
    SELECT p.id AS person_id, p.family_id
      FROM registry_canary AS c
      JOIN registry_person AS p ON p.id = c.person_id
), piece AS MATERIALIZED (
    SELECT f.id AS footprint_id, ST_Subdivide(f.area, 256) AS shape
      FROM commandcentre_footprint AS f
     WHERE f.hazard_id = %(hazard)s AND f.revision = %(revision)s
), met AS MATERIALIZED (
    SELECT b.region_id AS village_id, b.edition_id, b.boundary, f.id AS footprint_id,
           f.lower AS severity, regions_area_covers(f.area, b.boundary) AS is_inside
      FROM commandcentre_footprint AS f
      JOIN regions_boundary AS b ON b.is_current AND f.area && b.boundary
           AND regions_areas_meet(f.area, b.boundary)
      JOIN regions_region AS r ON r.code = b.region_id AND r.level = 'village'
     WHERE f.hazard_id = %(hazard)s AND f.revision = %(revision)s
), village AS MATERIALIZED (
    SELECT m.village_id, min(m.edition_id) AS edition_id, max(m.severity) AS severity,
           (array_agg(m.footprint_id ORDER BY m.severity DESC, m.footprint_id))[1] AS footprint_id,
           least(1, sum(CASE WHEN m.is_inside THEN 1 ELSE cut.share END)) AS share_area
      FROM met AS m
      LEFT JOIN LATERAL (
           SELECT coalesce(sum(ST_Area(ST_Intersection(p.shape, m.boundary)))
                           / nullif(ST_Area(m.boundary), 0), 0) AS share
             FROM piece AS p
            WHERE p.footprint_id = m.footprint_id AND p.shape && m.boundary
           ) AS cut ON NOT m.is_inside
     GROUP BY m.village_id
), counted AS (
    SELECT v.*, f.families, f.without_point, f.located, f.inside,
           p.persons, p.under_five, p.elderly, p.disability, p.birth_unknown, e.by_programme,
           e.families_by_programme
      FROM village AS v
     CROSS JOIN LATERAL (
           SELECT count(*) AS families, count(*) FILTER (WHERE a.location IS NULL) AS without_point,
                  count(a.location) AS located,
                  count(*) FILTER (WHERE EXISTS (
                      SELECT FROM commandcentre_footprint AS g
                       WHERE g.hazard_id = %(hazard)s AND g.revision = %(revision)s
                         AND ST_Intersects(g.area, a.location))) AS inside
             FROM (SELECT id, location FROM registry_family
                    WHERE village_id = v.village_id AND is_active OFFSET 0) AS a
            WHERE a.id NOT IN (SELECT family_id FROM made_up)
           ) AS f
     CROSS JOIN LATERAL (
           SELECT count(*) AS persons,
                  count(*) FILTER (WHERE a.birth_date > %(day)s::date
                      - make_interval(years => %(under_five_years)s)) AS under_five,
                  count(*) FILTER (WHERE a.birth_date <= %(day)s::date
                      - make_interval(years => %(elderly_from_years)s)) AS elderly,
                  count(*) FILTER (WHERE a.disability_kind <> ''
                      OR a.ppks && %(disability_ppks)s::smallint[]) AS disability,
                  count(*) FILTER (WHERE a.birth_date IS NULL) AS birth_unknown
             FROM (SELECT id, birth_date, disability_kind, ppks FROM registry_person
                    WHERE village_id = v.village_id AND status = 'active' OFFSET 0) AS a
            WHERE a.id NOT IN (SELECT person_id FROM made_up)
           ) AS p
     CROSS JOIN LATERAL (
           SELECT coalesce(jsonb_object_agg(n.programme_id, n.persons), '{}') AS by_programme,
                  coalesce(jsonb_object_agg(n.programme_id, n.families), '{}')
                      AS families_by_programme
             FROM (SELECT o.programme_id, count(*) AS persons,
                          count(DISTINCT a.family_id) AS families
                     FROM (SELECT id, family_id FROM registry_person
                            WHERE village_id = v.village_id AND status = 'active' OFFSET 0) AS a
                    CROSS JOIN LATERAL (
                          SELECT programme_id FROM registry_enrolment
                           WHERE person_id = a.id AND active_until IS NULL OFFSET 0
                          ) AS o
                    WHERE a.id NOT IN (SELECT person_id FROM made_up)
                    GROUP BY o.programme_id) AS n
           ) AS e
), stored AS (
    INSERT INTO commandcentre_affectedvillage
           (assessment_id, village_id, footprint_id, severity, share_area, share_families, families,
            families_without_point, persons, under_five, elderly, disability, birth_unknown,
            by_programme, families_by_programme)
    SELECT %(assessment)s, village_id, footprint_id, severity, share_area,
           CASE WHEN located > 0 THEN inside::float8 / located END, families, without_point,
           persons, under_five, elderly, disability, birth_unknown, by_programme,
           families_by_programme
      FROM counted
)
SELECT ARRAY(SELECT name::text FROM regions_boundaryedition
              WHERE id IN (SELECT edition_id FROM counted) ORDER BY name) AS editions,
       count(*) AS villages,
       coalesce(sum(families), 0) AS families,
       coalesce(sum(persons), 0) AS persons,
       coalesce(sum(without_point), 0) AS families_without_point,
       coalesce(sum(under_five), 0) AS under_five,
       coalesce(sum(elderly), 0) AS elderly,
       coalesce(sum(disability), 0) AS disability,
       coalesce(sum(birth_unknown), 0) AS birth_unknown,
       max(severity) FILTER (WHERE persons > 0) AS severity,
       min(severity) FILTER (WHERE persons > 0) AS least_severity
  FROM counted
