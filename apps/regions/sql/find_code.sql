-- Whether any feature has a code. Tables: rows. Result: a row when one has.
SELECT 1 FROM {rows} WHERE btrim(code) <> '' LIMIT 1;
