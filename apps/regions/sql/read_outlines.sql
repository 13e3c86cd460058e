-- The finest polygons in force of one group of provinces, in Web Mercator: villages, and regions of
-- a higher level only where no polygon of a region in them is in force.
-- Parameters: first (of the next group: codes from `first` to before `next` are read), next.
-- Result: code, id of the boundary, WKB in hexadecimal digits.
-- Index: regions_boundary_one_current. Measured: 25,271 villages of Java in 6 s.
SELECT b.region_id, b.id, encode(ST_AsBinary(ST_Transform(b.boundary, 3857)), 'hex')
FROM regions_boundary AS b
WHERE b.is_current AND b.region_id >= %(first)s AND b.region_id < %(next)s
    AND (length(b.region_id) = 13 OR NOT EXISTS (
        SELECT FROM regions_boundary AS finer
        WHERE finer.is_current AND finer.region_id > b.region_id
            AND finer.region_id < b.region_id || '/'))
ORDER BY b.region_id
