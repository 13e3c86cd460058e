-- Some values of a column that a delivery holds more than once, the most frequent first.
-- Parameters: limit. Tables: rows (its records), column.
SELECT {column}, count(*) AS n FROM {rows}
 WHERE {column} <> ''
 GROUP BY {column} HAVING count(*) > 1
 ORDER BY n DESC, {column} LIMIT %(limit)s
