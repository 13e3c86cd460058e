-- The values of one column of a delivery: how many different ones, how many rows share theirs with
-- another row, and how many values are met more than once.
-- Tables: rows (its records), column.
SELECT count(*), coalesce(sum(n) FILTER (WHERE n > 1), 0), count(*) FILTER (WHERE n > 1),
       coalesce(max(n), 0)
  FROM (SELECT count(*) AS n FROM {rows}
         WHERE {column} <> '' GROUP BY {column}) AS v
