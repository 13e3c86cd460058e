-- Which regions of a level, between two codes, are hidden in one of some tables of counts.
-- Parameters: first and last (codes), size (length of the codes of the level), tables. Result: code.
-- Index: indicators_hidden_by_level. A range, because thousands of codes as a parameter cost more.
SELECT region_id::text
  FROM indicators_suppressedregion
 WHERE region_id BETWEEN %(first)s AND %(last)s AND length(region_id) = %(size)s
   AND tables::text[] && %(tables)s::text[]
