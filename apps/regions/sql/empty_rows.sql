-- Deletes the rows of the previous file. Parameters: none. Result: none.
TRUNCATE region_rows;
