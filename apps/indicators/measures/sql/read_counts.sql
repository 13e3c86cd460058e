-- The counts of all villages of a month as arrays, in the order of their codes.
-- Parameters: period. Result: one row: codes, families, families_located, families_inside,
-- families_near, families_enrolled, families_without_proposal, persons, under_five, elderly,
-- disability, birth_unknown, proposals_open.
-- Sorted once below: an ORDER BY in each aggregate would sort thirteen times.
-- Index: indicators_one_count_of_a_month.
SELECT array_agg(region_id), array_agg(families), array_agg(families_located),
       array_agg(families_inside), array_agg(families_near), array_agg(families_enrolled),
       array_agg(families_without_proposal), array_agg(persons), array_agg(under_five),
       array_agg(elderly), array_agg(disability), array_agg(birth_unknown),
       array_agg(proposals_open)
  FROM (SELECT * FROM indicators_regioncount
         WHERE period_start = %(period)s AND level = 'village' ORDER BY region_id) AS o
