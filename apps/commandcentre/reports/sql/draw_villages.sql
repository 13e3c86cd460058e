-- The polygons of villages, for maps and files. It has no count of people: which of them a reader may
-- see is not decided here.
-- Parameters: villages (their codes), detail (degrees: how far a drawn line may be from the true one).
-- Result: code, GeoJSON with five decimals (a metre). Index: regions_boundary_one_current.
SELECT b.region_id, ST_AsGeoJSON(ST_SimplifyPreserveTopology(b.boundary, %(detail)s), 5)
  FROM unnest(%(villages)s::text[]) AS v (code)
  JOIN regions_boundary AS b ON b.region_id = v.code AND b.is_current
