-- Stores the outlines of one group of provinces in a state of the map, with the regions' names.
-- Outer rings are clockwise, as tiles need them.
-- Tables: rows (from the simplification). Parameters: set. Result: none.
INSERT INTO regions_boundaryshape
    (since_id, code, name, level, zoom, boundary_id, shape, label, label_radius_m)
SELECT %(set)s, s.code, r.name, r.level, s.zoom, s.boundary, ST_ForcePolygonCW(s.shape),
       s.label, s.label_radius_m
FROM {rows} AS s JOIN regions_region AS r ON r.code = s.code
ORDER BY s.zoom, s.code;
