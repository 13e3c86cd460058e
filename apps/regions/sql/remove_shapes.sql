-- Removes the outlines that were replaced before the former state of the map, which open maps may
-- still draw. Parameters: former (number of that state). Result: none.
DELETE FROM regions_boundaryshape WHERE until_id <= %(former)s;
