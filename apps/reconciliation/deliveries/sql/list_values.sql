-- The values that one column of a delivery holds most often, with how many different ones there are.
-- Parameters: limit. Tables: rows (its records), column.
SELECT value, n, count(*) OVER () AS different
  FROM (SELECT {column}::text AS value, count(*) AS n FROM {rows}
         GROUP BY {column}) AS v
 WHERE value NOT IN ('', '{{}}')
 ORDER BY n DESC, value LIMIT %(limit)s
