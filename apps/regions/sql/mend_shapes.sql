-- Repairs invalid shapes: rings are sorted into shells and holes by their structure (shells united,
-- holes cut out), remaining lines and points are dropped. Empty: no area remains.
-- Tables: shapes, mended (made). Measured: with clean_shapes.
DROP TABLE IF EXISTS {mended};
CREATE UNLOGGED TABLE {mended} AS
SELECT
    row_number,
    ST_Multi(ST_CollectionExtract(
        ST_MakeValid(shape, 'method=structure keepcollapsed=false'), 3)) AS boundary
FROM {shapes}
WHERE reason IS NULL AND NOT is_valid;
UPDATE {shapes} AS s SET reason = 'nothing_left'
FROM {mended} AS m
WHERE m.row_number = s.row_number AND ST_IsEmpty(m.boundary);
