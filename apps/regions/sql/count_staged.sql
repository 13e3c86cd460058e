-- How many regions the lists name. Result: one number.
SELECT count(DISTINCT code) FROM wanted_regions;
