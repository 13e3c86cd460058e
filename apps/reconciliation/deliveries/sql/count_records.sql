-- The counts of one pass over a delivery: rows, numbers, and NIKs against date of birth and sex.
-- Tables: rows (its records). Result: one row, in the order of profile.COUNTS.
-- The NIK's digits 7 to 12 are day, month and year of birth; of women the day is 40 more.
SELECT count(*) AS rows, count(*) FILTER (WHERE nik <> '') AS nik,
       count(*) FILTER (WHERE name_key <> '') AS named,
       count(*) FILTER (WHERE is_deceased) AS deceased,
       count(*) FILTER (WHERE right(nik, 4) = '0000') AS nik_serial_zero,
       count(*) FILTER (WHERE NOT is_date) AS nik_date,
       count(*) FILTER (WHERE is_date AND sex <> '' AND (said > '40') <> (sex = 'P')) AS nik_sex
  FROM (SELECT nik, name_key, is_deceased, sex, substr(nik, 7, 2) AS said,
               -- text throughout: parts of a date as numbers cost ten times as much
               CASE WHEN nik <> '' AND birth_date IS NOT NULL THEN
                   substr(nik, 9, 2) = substr(born, 6, 2) AND substr(nik, 11, 2) = substr(born, 3, 2)
                   AND (substr(nik, 7, 2) = right(born, 2)
                        OR substr(nik, 7, 2)::integer = right(born, 2)::integer + 40)
               END AS is_date
          FROM (SELECT nik, name_key, is_deceased, sex, birth_date, birth_date::text AS born
                  FROM {rows} OFFSET 0) AS d OFFSET 0) AS r
