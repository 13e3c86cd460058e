-- What one pass over a delivery tells: rows, numbers, and NIKs against date of birth and sex.
-- Tables: rows (its records). Result: one row, in the order of profile.COUNTS.
-- The NIK's digits 7 to 12 are day, month and year of birth; of women the day is 40 more.
SELECT count(*) AS rows, count(*) FILTER (WHERE nik <> '') AS nik,
       count(*) FILTER (WHERE name_key <> '') AS named,
       count(*) FILTER (WHERE is_deceased) AS deceased,
       count(*) FILTER (WHERE right(nik, 4) = '0000') AS nik_serial_zero,
       count(*) FILTER (WHERE said NOT IN (born, born + 400000)) AS nik_date,
       count(*) FILTER (WHERE said IN (born, born + 400000) AND sex <> ''
                          AND (said > 400000) <> (sex = 'P')) AS nik_sex
  FROM (SELECT nik, name_key, is_deceased, sex,
               CASE WHEN nik <> '' AND birth_date IS NOT NULL
                    THEN substr(nik, 7, 6)::integer END AS said,
               (date_part('day', birth_date) * 10000 + date_part('month', birth_date) * 100
                + mod(date_part('year', birth_date)::integer, 100))::integer AS born
          FROM {rows} OFFSET 0) AS r
