-- The responders to call for a village: those of its regency and the nearest ones of elsewhere; of
-- those that were called already and of the others so many each. Nearest first, where a way over the
-- sea counts as more; whose number is wrong is last. A responder without a point counts from a point
-- inside the own village; islands are those of the villages (commandcentre_villageplace).
-- Parameters: village, regency (with a dot at its end), hazard (whose calls count), wrong (ids whose
-- number is wrong), penalty_m (of a way over the sea), elsewhere (how many others are listed at most),
-- looked_at (of so many nearest ones with a point, and of those of so many nearest villages), most.
-- Result: id, distance_m on the sphere (null where no place is known), whether it is over the sea,
-- is_estimated, whether the number is wrong, outcome, time and village of the last call about this
-- hazard (null: none).
-- Index: commandcentre_responder's GiST on location and its villages; commandcentre_call_of. Places of
-- villages are read once.
WITH home AS (
    SELECT coalesce(p.place, ST_PointOnSurface(b.boundary), v.office) AS point, p.island
      FROM regions_region AS v
      LEFT JOIN commandcentre_villageplace AS p ON p.village_id = v.code
      LEFT JOIN regions_boundary AS b ON b.region_id = v.code AND b.is_current
     WHERE v.code = %(village)s
), located AS (
    SELECT r.id, r.village_id, r.location AS point
      FROM commandcentre_responder AS r
     WHERE r.is_active AND r.location IS NOT NULL
     ORDER BY r.location <-> (SELECT point FROM home)
     LIMIT %(looked_at)s
), unlocated AS (
    SELECT r.id, r.village_id, v.place AS point
      FROM (SELECT p.village_id, p.place
              FROM home, commandcentre_villageplace AS p
             ORDER BY p.place <-> home.point
             LIMIT %(looked_at)s) AS v
      JOIN commandcentre_responder AS r ON r.village_id = v.village_id
     WHERE r.is_active AND r.location IS NULL
), near AS (
    SELECT r.id FROM commandcentre_responder AS r
     WHERE r.is_active AND starts_with(r.village_id, %(regency)s)
     UNION
    (SELECT c.id
       FROM (SELECT * FROM located UNION ALL SELECT * FROM unlocated) AS c
      CROSS JOIN home
       LEFT JOIN commandcentre_villageplace AS p ON p.village_id = c.village_id
      ORDER BY ST_DistanceSphere(c.point, home.point)
               + CASE WHEN p.island <> home.island THEN %(penalty_m)s ELSE 0 END, c.id
      LIMIT %(elsewhere)s)
), listed AS (
    SELECT r.id,
           ST_Distance(coalesce(r.location, p.place, ST_PointOnSurface(b.boundary),
                                v.office)::geography,
                       home.point::geography) AS distance_m,
           coalesce(p.island <> home.island, false) AS is_over_sea,
           r.location IS NULL AS is_estimated, r.id = ANY (%(wrong)s::bigint[]) AS is_wrong,
           c.outcome, c.at, c.village_id
      FROM near
      JOIN commandcentre_responder AS r USING (id)
      JOIN regions_region AS v ON v.code = r.village_id
     CROSS JOIN home
      LEFT JOIN commandcentre_villageplace AS p ON p.village_id = r.village_id
      LEFT JOIN regions_boundary AS b ON b.region_id = r.village_id AND b.is_current
      LEFT JOIN LATERAL (
           SELECT outcome, at, village_id FROM commandcentre_call
            WHERE hazard_id = %(hazard)s AND responder_id = r.id
            ORDER BY at DESC LIMIT 1) AS c ON true
), weighed AS (
    SELECT *, distance_m + CASE WHEN is_over_sea THEN %(penalty_m)s ELSE 0 END AS weight
      FROM listed
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY at IS NULL
                                 ORDER BY is_wrong, weight NULLS LAST, id) AS nth
      FROM weighed
)
SELECT id, distance_m, is_over_sea, is_estimated, is_wrong, outcome, at, village_id
  FROM placed
 WHERE nth <= %(most)s
 ORDER BY is_wrong, weight NULLS LAST, id
