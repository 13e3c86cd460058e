-- The counts of all villages of a month as arrays, in the order of their codes.
-- Parameters: period. Result: one row: codes, families, families_located, families_inside,
-- families_near, families_enrolled, families_without_proposal, persons, under_five, elderly,
-- disability, birth_unknown, proposals_open.
-- Index: indicators_one_count_of_a_month.
SELECT array_agg(region_id ORDER BY region_id), array_agg(families ORDER BY region_id),
       array_agg(families_located ORDER BY region_id),
       array_agg(families_inside ORDER BY region_id),
       array_agg(families_near ORDER BY region_id),
       array_agg(families_enrolled ORDER BY region_id),
       array_agg(families_without_proposal ORDER BY region_id),
       array_agg(persons ORDER BY region_id), array_agg(under_five ORDER BY region_id),
       array_agg(elderly ORDER BY region_id), array_agg(disability ORDER BY region_id),
       array_agg(birth_unknown ORDER BY region_id), array_agg(proposals_open ORDER BY region_id)
  FROM indicators_regioncount
 WHERE period_start = %(period)s AND level = 'village'
