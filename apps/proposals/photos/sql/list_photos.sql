-- The photos of one family, with the distance of the camera from the family's point.
-- Parameters: batch, draft (0 is none); row_number, kk (of one row of the family, 0 and '' for a
--   draft); longitude, latitude (the family's point, null without one); near_m, far_m (metres).
-- Result: id, kind, width, height, taken_at, latitude, longitude (of the camera, null if unknown),
--   village (name at the camera, or ''), is_abroad, distance_m, band ('' unknown, near, apart, far),
--   others (families of other rows, files and drafts with the same picture, as far as they are seen),
--   by_name, at (who sent it, and when).
-- Indexes: proposals_housephoto (batch_id), (draft_id), (sent_sha256); proposals_proposal (batch_id).
WITH family AS MATERIALIZED (
    SELECT p.row_number FROM proposals_proposal AS p
     WHERE p.batch_id = %(batch)s AND p.kk = %(kk)s
     UNION SELECT %(row_number)s
), own AS MATERIALIZED (
    SELECT h.* FROM proposals_housephoto AS h
     WHERE h.draft_id = %(draft)s
        OR (h.batch_id = %(batch)s
            AND (h.row_number IS NULL OR h.row_number IN (SELECT row_number FROM family)))
), point AS (
    SELECT ST_SetSRID(ST_MakePoint(
               %(longitude)s::float8, %(latitude)s::float8), 4326)::geography AS place
)
SELECT h.id, h.kind, o.width, o.height, o.taken_at, ST_Y(o.location), ST_X(o.location),
       coalesce(v.name, ''), h.is_abroad, d.distance_m,
       CASE WHEN d.distance_m IS NULL THEN ''
            WHEN d.distance_m <= %(near_m)s THEN 'near'
            WHEN d.distance_m <= %(far_m)s THEN 'apart' ELSE 'far' END AS band,
       (SELECT count(DISTINCT (x.batch_id, x.draft_id, x.row_number))
          FROM proposals_housephoto AS x
         WHERE x.sent_sha256 = h.sent_sha256 AND x.id NOT IN (SELECT id FROM own)) AS others,
       o.by_name, h.at
  FROM own AS h
  JOIN casework_photo AS o ON o.id = h.photo_id
  LEFT JOIN regions_region AS v ON v.code = h.actual_village_id
 CROSS JOIN LATERAL (
       SELECT ST_Distance(o.location::geography, place) AS distance_m FROM point) AS d
 ORDER BY array_position(ARRAY['front', 'inside', 'other'], h.kind::text), h.id
