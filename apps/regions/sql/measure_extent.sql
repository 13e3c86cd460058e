-- The box around an edition. Parameters: edition. Result: west, south, east, north (degrees) or nulls.
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
FROM (SELECT ST_Extent(boundary) AS e FROM regions_boundary WHERE edition_id = %(edition)s) AS x;
