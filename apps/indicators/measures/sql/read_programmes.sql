-- The families enrolled in each programme, by village, of a month.
-- Parameters: period. Result: programme_id; villages and families as arrays of the same length.
SELECT o.key, array_agg(c.region_id), array_agg(o.value::int)
  FROM indicators_regioncount AS c, jsonb_each_text(c.by_programme) AS o
 WHERE c.period_start = %(period)s AND c.level = 'village'
 GROUP BY o.key
