-- The first digits of the regions whose polygons are in force. Result: one digit a row.
SELECT DISTINCT left(region_id, 1) FROM regions_boundary WHERE is_current ORDER BY 1;
