-- Stores the sums of one level from the level below, of the regions above the villages in
-- `{villages}`.
-- Parameters: period, level and below (levels), size (length of this level's codes; 0: the country).
-- Index: indicators_one_count_of_a_month.
-- Plan: by key
INSERT INTO indicators_regioncount
       (period_start, level, region_id, families, families_located, families_inside,
        families_near, families_enrolled, families_without_proposal, persons, under_five,
        elderly, disability, birth_unknown, proposals_open, by_programme)
SELECT %(period)s, %(level)s, s.code, s.families, s.families_located, s.families_inside,
       s.families_near, s.families_enrolled, s.families_without_proposal, s.persons, s.under_five,
       s.elderly, s.disability, s.birth_unknown, s.proposals_open, coalesce(j.by_programme, '{{}}')
  FROM (
       SELECT t.code, sum(c.families) AS families, sum(c.families_located) AS families_located,
              sum(c.families_inside) AS families_inside, sum(c.families_near) AS families_near,
              sum(c.families_enrolled) AS families_enrolled,
              sum(c.families_without_proposal) AS families_without_proposal,
              sum(c.persons) AS persons, sum(c.under_five) AS under_five,
              sum(c.elderly) AS elderly, sum(c.disability) AS disability,
              sum(c.birth_unknown) AS birth_unknown, sum(c.proposals_open) AS proposals_open,
              array_agg(c.by_programme) AS programmes
         FROM (SELECT DISTINCT CASE WHEN %(size)s = 0 THEN 'ID' ELSE left(code, %(size)s) END AS code
                 FROM {villages}) AS t
         JOIN indicators_regioncount AS c
              ON c.period_start = %(period)s AND c.level = %(below)s
             AND t.code = CASE WHEN %(size)s = 0 THEN 'ID' ELSE left(c.region_id, %(size)s) END
        GROUP BY t.code
       ) AS s
  LEFT JOIN LATERAL (
       SELECT jsonb_object_agg(key, families ORDER BY key) AS by_programme
         FROM (SELECT o.key, sum(o.value::int) AS families
                 FROM unnest(s.programmes) AS u (counts), jsonb_each_text(u.counts) AS o
                GROUP BY o.key) AS n
       ) AS j ON true
    ON CONFLICT (period_start, level, region_id) DO UPDATE SET
       families = excluded.families, families_located = excluded.families_located,
       families_inside = excluded.families_inside, families_near = excluded.families_near,
       families_enrolled = excluded.families_enrolled,
       families_without_proposal = excluded.families_without_proposal,
       persons = excluded.persons, under_five = excluded.under_five, elderly = excluded.elderly,
       disability = excluded.disability, birth_unknown = excluded.birth_unknown,
       proposals_open = excluded.proposals_open, by_programme = excluded.by_programme
