-- The bands around the edges of a rupture, one footprint each.
-- Parameters: hazard, revision, wkt (the edges, degrees WGS 84), measure, method, relation; lowers,
--   uppers, labels, inners_m, outers_m (arrays of equal length, metres from the rupture).
-- Result: label, lower, upper and square kilometres of each stored footprint.
-- From above a dipping rupture has an area, a vertical one only its edges: these lie upon each
-- other, and are united first, because the buffer of a line that goes back on itself has holes.
-- Distances are those of PostGIS's buffer of a geography, in the projection that it chooses for the
-- place: exact to about a hundredth for ruptures of some hundred kilometres.
-- Plan: by key
WITH rupture AS (
    SELECT ST_Collect(e.edges, ST_BuildArea(e.edges)) AS edges
      FROM (SELECT ST_UnaryUnion(ST_GeomFromText(%(wkt)s, 4326)) AS edges) AS e
), band AS (
    SELECT b.*,
           ST_Buffer(r.edges::geography, b.outer_m, 32)::geometry AS outside,
           CASE WHEN b.inner_m > 0 THEN ST_Buffer(r.edges::geography, b.inner_m, 32)::geometry END
               AS inside
      FROM rupture AS r
     CROSS JOIN unnest(%(lowers)s::float8[], %(uppers)s::float8[], %(labels)s::text[],
                       %(inners_m)s::float8[], %(outers_m)s::float8[])
           AS b (lower, upper, label, inner_m, outer_m)
), stored AS (
    INSERT INTO commandcentre_footprint
           (hazard_id, revision, measure, lower, upper, label, method, relation, area)
    SELECT %(hazard)s, %(revision)s, %(measure)s, lower, upper, label, %(method)s, %(relation)s,
           ST_Multi(CASE WHEN inside IS NULL THEN outside ELSE ST_Difference(outside, inside) END)
      FROM band
    RETURNING label, lower, upper, area
)
SELECT label, lower, upper, ST_Area(area::geography) / 1e6 AS area_km2 FROM stored ORDER BY lower
