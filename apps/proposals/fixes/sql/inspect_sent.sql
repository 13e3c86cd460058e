-- Purpose: whether every row of a correction file has a row number of its own.
-- Tables: sent (line of the file, row_number or null). Result: rows, lines without a row number (the
--   first ten), row numbers that come twice (the first ten).
SELECT (SELECT count(*) FROM {sent}),
       (SELECT coalesce(array_agg(line ORDER BY line), '{{}}')
          FROM (SELECT line FROM {sent} WHERE row_number IS NULL ORDER BY line LIMIT 10) AS l),
       (SELECT coalesce(array_agg(row_number ORDER BY row_number), '{{}}')
          FROM (SELECT row_number FROM {sent} GROUP BY row_number HAVING count(*) > 1
                 ORDER BY row_number LIMIT 10) AS t)
