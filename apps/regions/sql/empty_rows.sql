-- Empties the rows of the file before. Parameters: none. Result: none.
TRUNCATE region_rows;
