-- The bands around an epicentre as rings of geodesic circles, one footprint each.
-- Parameters: hazard, revision; longitude, latitude (degrees WGS 84); measure, method, relation;
--   lowers, uppers, labels, inners_m, outers_m (arrays of equal length, metres).
-- Result: the ids of the stored footprints.
-- A circle is a ring of 180 points on the ellipsoid: its sides are at most a five-thousandth of the radius
-- inside the true circle. No circle of ours holds a pole or the date line.
-- Plan: by key
WITH band AS (
    SELECT *
      FROM unnest(%(lowers)s::float8[], %(uppers)s::float8[], %(labels)s::text[],
                  %(inners_m)s::float8[], %(outers_m)s::float8[])
           AS b (lower, upper, label, inner_m, outer_m)
), circle AS (
    SELECT b.lower, s.is_outer, ST_AddPoint(s.line, ST_StartPoint(s.line)) AS ring
      FROM band AS b
     CROSS JOIN LATERAL (
           SELECT r.is_outer,
                  ST_MakeLine(ST_Project(
                      ST_SetSRID(ST_MakePoint(%(longitude)s, %(latitude)s), 4326)::geography,
                      r.radius_m, radians(d.degrees))::geometry ORDER BY d.degrees) AS line
             FROM (VALUES (true, b.outer_m), (false, b.inner_m)) AS r (is_outer, radius_m)
            CROSS JOIN generate_series(0, 358, 2) AS d (degrees)
            WHERE r.radius_m > 0
            GROUP BY r.is_outer
           ) AS s
)
INSERT INTO commandcentre_footprint
       (hazard_id, revision, measure, lower, upper, label, method, relation, area)
SELECT %(hazard)s, %(revision)s, %(measure)s, b.lower, b.upper, b.label, %(method)s, %(relation)s,
       ST_Multi(CASE WHEN i.ring IS NULL THEN ST_MakePolygon(o.ring)
                     ELSE ST_MakePolygon(o.ring, ARRAY[i.ring]) END)
  FROM band AS b
  JOIN circle AS o ON o.lower = b.lower AND o.is_outer
  LEFT JOIN circle AS i ON i.lower = b.lower AND NOT i.is_outer
RETURNING id
