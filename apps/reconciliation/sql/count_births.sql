-- Names with dates of birth in a delivery: different names, different dates, rows that share both
-- with another row, and how many such pairs there are.
-- Tables: rows (its records).
WITH births AS MATERIALIZED (
    SELECT name_key, birth_date, count(*) AS n FROM {rows}
     WHERE name_key <> '' GROUP BY name_key, birth_date
)
SELECT (SELECT count(*) FROM (SELECT FROM births GROUP BY name_key) AS d),
       (SELECT count(*) FROM (SELECT FROM births WHERE birth_date IS NOT NULL
                               GROUP BY birth_date) AS d),
       (SELECT coalesce(sum(n), 0) FROM births WHERE n > 1 AND birth_date IS NOT NULL),
       (SELECT count(*) FROM births WHERE n > 1 AND birth_date IS NOT NULL)
