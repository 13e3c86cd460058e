-- What the map of a hazard draws of help: the sources of its plans, their lines to the villages, and other
-- facilities with usable stock near the affected villages.
-- Parameters: plans (numbers), assessment (0: none), lines (at most so many, the largest), near (so many
--   other facilities).
-- Result: what (line, source, store), code of the village or "", name of the facility, its kind, units,
--   sea crossings, metres; longitude and latitude of the facility; those of the village (null but for
--   lines).
-- Indexes: commandcentre_shipment_once, commandcentre_facility's GiST on location.
WITH way AS (
    SELECT s.facility_id, s.village_id, sum(s.quantity)::bigint AS units,
           max(s.crossings) AS crossings, min(s.distance_m) AS distance_m
      FROM commandcentre_shipment AS s
     WHERE s.plan_id = ANY (%(plans)s::bigint[]) AND s.status <> 'cancelled'
     GROUP BY s.facility_id, s.village_id
), middle AS (
    SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(p.place)), avg(ST_Y(p.place))), 4326) AS place
      FROM commandcentre_affectedvillage AS a
      JOIN commandcentre_villageplace AS p ON p.village_id = a.village_id
     WHERE a.assessment_id = %(assessment)s
), near AS (
    SELECT f.id
      FROM commandcentre_facility AS f
     WHERE f.is_active
       AND (SELECT place FROM middle) IS NOT NULL
       AND EXISTS (SELECT FROM commandcentre_usable_stock AS u WHERE u.facility_id = f.id)
     ORDER BY f.location <-> (SELECT place FROM middle)
     LIMIT %(near)s
)
(SELECT 'line' AS what, w.village_id AS code, f.name, f.kind, w.units, w.crossings, w.distance_m,
        ST_X(f.location), ST_Y(f.location), ST_X(h.place), ST_Y(h.place)
   FROM way AS w
   JOIN commandcentre_facility AS f ON f.id = w.facility_id
   LEFT JOIN commandcentre_villageplace AS p ON p.village_id = w.village_id
   LEFT JOIN regions_boundary AS b ON b.region_id = w.village_id AND b.is_current
  CROSS JOIN LATERAL (SELECT coalesce(p.place, ST_PointOnSurface(b.boundary)) AS place) AS h
  WHERE h.place IS NOT NULL
  ORDER BY w.units DESC, w.facility_id, w.village_id
  LIMIT %(lines)s)
UNION ALL
SELECT 'source', '', f.name, f.kind, sum(w.units)::bigint, max(w.crossings), min(w.distance_m),
       ST_X(f.location), ST_Y(f.location), NULL, NULL
  FROM way AS w
  JOIN commandcentre_facility AS f ON f.id = w.facility_id
 GROUP BY f.id
UNION ALL
SELECT 'store', '', f.name, f.kind, NULL, NULL, NULL, ST_X(f.location), ST_Y(f.location), NULL, NULL
  FROM near
  JOIN commandcentre_facility AS f USING (id)
 WHERE NOT EXISTS (SELECT FROM way WHERE way.facility_id = f.id)
