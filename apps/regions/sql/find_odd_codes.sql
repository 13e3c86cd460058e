-- Codes without a known form. Result: number, row and text of the first; no row without such codes.
SELECT count(*), min(row_number), (array_agg(raw_code ORDER BY row_number))[1]
FROM wanted_regions WHERE code IS NULL HAVING count(*) > 0;
