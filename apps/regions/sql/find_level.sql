-- The length of most codes, which is the level that the edition is about.
-- Tables: villages. Result: length (13 village, 8 district, 5 regency, 2 province), or no row.
SELECT length(region) FROM {villages} GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1;
