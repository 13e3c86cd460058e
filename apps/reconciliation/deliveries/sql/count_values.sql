-- The values of one column of a delivery: the number of different ones, of rows that share theirs
-- with another row, of repeated values, of rows with the commonest one, and the most repeated
-- values.
-- Parameters: limit (of the last). Tables: rows (its records), column.
SELECT count(*), coalesce(sum(n) FILTER (WHERE n > 1), 0), count(*) FILTER (WHERE n > 1),
       coalesce(max(n), 0),
       (array_agg(value ORDER BY n DESC, value) FILTER (WHERE n > 1))[1:%(limit)s],
       (array_agg(n ORDER BY n DESC, value) FILTER (WHERE n > 1))[1:%(limit)s]
  FROM (SELECT {column} AS value, count(*) AS n FROM {rows}
         WHERE {column} <> '' GROUP BY {column}) AS v
