-- How far the reading has come. Tables: rows. Result: the last row number, 0 when none is there.
SELECT coalesce(max(row_number), 0) FROM {rows};
