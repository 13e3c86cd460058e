-- The counts of all villages of a month as arrays, in the order of their codes.
-- Parameters: period, columns (names of those that are wanted; the others are null).
-- Result: one row: codes, families, families_located, families_inside, families_near,
-- families_enrolled, families_without_proposal, persons, under_five, elderly, disability,
-- birth_unknown, proposals_open.
-- Sorted once below: an ORDER BY in each aggregate would sort thirteen times.
-- Index: indicators_one_count_of_a_month.
SELECT array_agg(region_id),
       array_agg(families) FILTER (WHERE 'families' = ANY (%(columns)s)),
       array_agg(families_located) FILTER (WHERE 'families_located' = ANY (%(columns)s)),
       array_agg(families_inside) FILTER (WHERE 'families_inside' = ANY (%(columns)s)),
       array_agg(families_near) FILTER (WHERE 'families_near' = ANY (%(columns)s)),
       array_agg(families_enrolled) FILTER (WHERE 'families_enrolled' = ANY (%(columns)s)),
       array_agg(families_without_proposal)
           FILTER (WHERE 'families_without_proposal' = ANY (%(columns)s)),
       array_agg(persons) FILTER (WHERE 'persons' = ANY (%(columns)s)),
       array_agg(under_five) FILTER (WHERE 'under_five' = ANY (%(columns)s)),
       array_agg(elderly) FILTER (WHERE 'elderly' = ANY (%(columns)s)),
       array_agg(disability) FILTER (WHERE 'disability' = ANY (%(columns)s)),
       array_agg(birth_unknown) FILTER (WHERE 'birth_unknown' = ANY (%(columns)s)),
       array_agg(proposals_open) FILTER (WHERE 'proposals_open' = ANY (%(columns)s))
  FROM (SELECT * FROM indicators_regioncount
         WHERE period_start = %(period)s AND level = 'village' ORDER BY region_id) AS o
