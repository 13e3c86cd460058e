-- The responders to call for a village, nearest first: those of its regency and the nearest ones of
-- elsewhere; of those that were called already and of the others so many each. A responder without a
-- point counts from a point inside the own village.
-- Parameters: village, regency (with a dot at its end), hazard (whose calls count), elsewhere (how
-- many others are looked at), most. Result: id, distance_m (null where no place is known),
-- is_estimated, outcome and time of the last call about this hazard (null: none).
-- Index: commandcentre_responder's GiST on location; regions_boundary in force; commandcentre_call_of.
WITH home AS (
    SELECT coalesce(ST_PointOnSurface(b.boundary), v.office) AS point
      FROM regions_region AS v
      LEFT JOIN regions_boundary AS b ON b.region_id = v.code AND b.is_current
     WHERE v.code = %(village)s
), near AS (
    SELECT r.id FROM commandcentre_responder AS r
     WHERE r.is_active AND starts_with(r.village_id, %(regency)s)
     UNION
    (SELECT r.id FROM home, commandcentre_responder AS r
      WHERE r.is_active AND r.location IS NOT NULL
      ORDER BY r.location <-> (SELECT point FROM home)
      LIMIT %(elsewhere)s)
), listed AS (
    SELECT r.id,
           ST_Distance(coalesce(r.location, ST_PointOnSurface(b.boundary), v.office)::geography,
                       home.point::geography) AS distance_m,
           r.location IS NULL AS is_estimated, c.outcome, c.at
      FROM near
      JOIN commandcentre_responder AS r USING (id)
      JOIN regions_region AS v ON v.code = r.village_id
     CROSS JOIN home
      LEFT JOIN regions_boundary AS b ON b.region_id = r.village_id AND b.is_current
      LEFT JOIN LATERAL (
           SELECT outcome, at FROM commandcentre_call
            WHERE hazard_id = %(hazard)s AND responder_id = r.id
            ORDER BY at DESC LIMIT 1) AS c ON true
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY at IS NULL ORDER BY distance_m NULLS LAST, id) AS nth
      FROM listed
)
SELECT id, distance_m, is_estimated, outcome, at
  FROM placed
 WHERE nth <= %(most)s
 ORDER BY distance_m NULLS LAST, id
