-- Purpose: where the regions of a level lie: the middle of their villages, and the box around them.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), code_length integer (2, 5, 8 or 13).
-- Result: region code, longitude, latitude, west, south, east, north (WGS 84), villages with a polygon.
-- Index: regions_boundary_one_current as a range of codes. Only the boxes in the head of each polygon
--   are read, not its points: 83,402 villages in 0.4 s.
SELECT left(code, %(code_length)s), avg((west + east) / 2), avg((south + north) / 2),
       min(west), min(south), max(east), max(north), count(*)
  FROM (
    SELECT b.region_id AS code,
           ST_XMin(b.boundary::box2d) AS west, ST_YMin(b.boundary::box2d) AS south,
           ST_XMax(b.boundary::box2d) AS east, ST_YMax(b.boundary::box2d) AS north
      FROM portal_code_ranges(%(scope)s) AS r
      JOIN regions_boundary b ON b.region_id >= r.low AND b.region_id < r.high AND b.is_current
  ) AS boxes
 GROUP BY 1
