-- Which columns of a month differ in `{counts}` from what is stored, in any village.
-- Parameters: period. Result: one row, a boolean for each column of `definitions.COLUMNS` in their
-- order, then one for the programmes. No village: nulls.
-- Cost: one join of the counted villages with their stored rows.
SELECT bool_or(c.families IS DISTINCT FROM r.families),
       bool_or(c.families_located IS DISTINCT FROM r.families_located),
       bool_or(c.families_inside IS DISTINCT FROM r.families_inside),
       bool_or(c.families_near IS DISTINCT FROM r.families_near),
       bool_or(c.families_enrolled IS DISTINCT FROM r.families_enrolled),
       bool_or(c.families_without_proposal IS DISTINCT FROM r.families_without_proposal),
       bool_or(c.persons IS DISTINCT FROM r.persons),
       bool_or(c.under_five IS DISTINCT FROM r.under_five),
       bool_or(c.elderly IS DISTINCT FROM r.elderly),
       bool_or(c.disability IS DISTINCT FROM r.disability),
       bool_or(c.birth_unknown IS DISTINCT FROM r.birth_unknown),
       bool_or(c.proposals_open IS DISTINCT FROM r.proposals_open),
       bool_or(c.by_programme IS DISTINCT FROM r.by_programme)
  FROM {counts} AS c
  LEFT JOIN indicators_regioncount AS r
       ON r.period_start = %(period)s AND r.level = 'village' AND r.region_id = c.region_id
