-- The areas in which the report is computed: regencies, provinces, or the whole ('').
-- Tables: villages. Parameters: size (of their codes), level (length of the regions' codes).
SELECT DISTINCT left(region, %(size)s) AS area FROM {villages}
WHERE length(region) = %(level)s ORDER BY area;
