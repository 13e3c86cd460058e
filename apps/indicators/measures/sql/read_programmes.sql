-- The families enrolled in each programme, by village, of a month.
-- Parameters: period. Result: village_id, programme_id, families.
SELECT c.region_id, o.key, o.value::int
  FROM indicators_regioncount AS c, jsonb_each_text(c.by_programme) AS o
 WHERE c.period_start = %(period)s AND c.level = 'village'
