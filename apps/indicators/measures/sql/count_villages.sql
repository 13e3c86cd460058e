-- Counts of each village in `{villages}` from what the statements before read: families, persons,
-- enrolments, proposals (of those villages at least), proposed families (find_proposed).
-- Parameters: day (ages are counted on it), the bounds of groups (registry.models.rules).
-- Result: the columns of indicators_regioncount but id, period_start and level.
-- Measured (bench/measures.py; 2 cores, 24 GiB, 2026-11-29): a refresh of everything, with sums and what is
-- hidden, 9.5 s for 4,774,434 persons in 83,762 villages (60 s asked).
SELECT v.code AS region_id,
       coalesce(f.families, 0) AS families,
       coalesce(f.families_located, 0) AS families_located,
       coalesce(f.families_inside, 0) AS families_inside,
       coalesce(f.families_near, 0) AS families_near,
       coalesce(e.families_enrolled, 0) AS families_enrolled,
       coalesce(f.families_without_proposal, 0) AS families_without_proposal,
       coalesce(p.persons, 0) AS persons,
       coalesce(p.under_five, 0) AS under_five,
       coalesce(p.elderly, 0) AS elderly,
       coalesce(p.disability, 0) AS disability,
       coalesce(p.birth_unknown, 0) AS birth_unknown,
       coalesce(q.proposals_open, 0) AS proposals_open,
       coalesce(e.by_programme, '{{}}') AS by_programme
  FROM {villages} AS v
  LEFT JOIN (
       SELECT a.village_id, count(*) AS families,
              count(*) FILTER (WHERE a.is_located) AS families_located,
              count(*) FILTER (WHERE a.is_located AND a.verdict = 'inside') AS families_inside,
              count(*) FILTER (WHERE a.is_located AND a.verdict = 'near_border') AS families_near,
              count(*) FILTER (WHERE b.kk IS NULL) AS families_without_proposal
         FROM {families} AS a
         LEFT JOIN {proposed} AS b ON b.village_id = a.village_id AND b.kk = a.kk
        GROUP BY a.village_id
       ) AS f ON f.village_id = v.code
  LEFT JOIN (
       SELECT village_id, count(*) AS persons,
              count(*) FILTER (WHERE birth_date > %(day)s::date
                  - make_interval(years => %(under_five_years)s)) AS under_five,
              count(*) FILTER (WHERE birth_date <= %(day)s::date
                  - make_interval(years => %(elderly_from_years)s)) AS elderly,
              count(*) FILTER (WHERE has_disability) AS disability,
              count(*) FILTER (WHERE birth_date IS NULL) AS birth_unknown
         FROM {persons}
        GROUP BY village_id
       ) AS p ON p.village_id = v.code
  LEFT JOIN (
       SELECT village_id, max(families) FILTER (WHERE programme_id IS NULL) AS families_enrolled,
              jsonb_object_agg(programme_id, families ORDER BY programme_id)
                  FILTER (WHERE programme_id IS NOT NULL) AS by_programme
         FROM (SELECT village_id, programme_id, count(DISTINCT family_id) AS families
                 FROM {enrolments}
                GROUP BY GROUPING SETS ((village_id, programme_id), (village_id))) AS g
        GROUP BY village_id
       ) AS e ON e.village_id = v.code
  LEFT JOIN (
       SELECT village_id, count(*) AS proposals_open
         FROM {proposals}
        WHERE status IN ('submitted', 'verified', 'endorsed', 'accepted', 'returned')
        GROUP BY village_id
       ) AS q ON q.village_id = v.code
