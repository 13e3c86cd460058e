-- Rows of a delivery that share name and date of birth with another row, and the number of such
-- pairs of values. Tables: rows (its records). Grouped by a 64-bit hash, at a third of the cost of
-- the texts.
SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0), count(*) FILTER (WHERE n > 1)
  FROM (SELECT count(*) AS n FROM {rows}
         WHERE name_key <> '' AND birth_date IS NOT NULL
         GROUP BY hashtextextended(name_key, birth_date - date '1800-01-01')) AS v
