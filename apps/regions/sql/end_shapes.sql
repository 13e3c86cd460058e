-- Ends the outlines that a state of the map replaces: all former ones of its groups.
-- Parameters: set, groups. Result: none.
UPDATE regions_boundaryshape SET until_id = %(set)s
WHERE until_id IS NULL AND since_id < %(set)s AND left(code, 1) = ANY (%(groups)s);
