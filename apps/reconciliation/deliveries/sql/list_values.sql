-- The commonest values of one column of a delivery, with the number of different ones.
-- Parameters: limit. Tables: rows (its records), column.
SELECT value, n, count(*) OVER () AS different
  FROM (SELECT {column}::text AS value, count(*) AS n FROM {rows}
         GROUP BY {column}) AS v
 WHERE value NOT IN ('', '{{}}')
 ORDER BY n DESC, value LIMIT %(limit)s
