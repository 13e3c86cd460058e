-- The findings about photos of houses whose camera wrote a position: far from the family's point, or
-- abroad. Of several photos the farthest one counts. A photo without a position gives no finding.
-- Parameters: batch, draft (0 is none), far_m (metres from which a distance is a finding).
-- Tables: points (row_number, longitude, latitude; null is none).
-- Result: row_number, code, field (''), params.
-- Index: proposals_housephoto (batch_id), (draft_id).
WITH taken AS MATERIALIZED (
    SELECT h.row_number, h.is_abroad, h.actual_village_id, o.location
      FROM proposals_housephoto AS h
      JOIN casework_photo AS o ON o.id = h.photo_id
     WHERE (h.batch_id = %(batch)s OR h.draft_id = %(draft)s) AND o.location IS NOT NULL
), measured AS (
    SELECT p.row_number, t.*, ST_Distance(t.location::geography, ST_SetSRID(
               ST_MakePoint(p.longitude, p.latitude), 4326)::geography) AS distance_m
      FROM taken AS t (photo_row, is_abroad, actual_village_id, location)
      -- a form is one family: its photos belong to every row
      JOIN (SELECT row_number,
                   CASE WHEN abs(latitude) <= 90 AND abs(longitude) <= 180
                         AND NOT (latitude = 0 AND longitude = 0) THEN longitude END AS longitude,
                   latitude
              FROM {points}
             WHERE EXISTS (SELECT FROM taken)) AS p
        ON t.photo_row IS NULL OR t.photo_row = p.row_number
)
SELECT DISTINCT ON (m.row_number, f.code) m.row_number, f.code, '' AS field,
       jsonb_strip_nulls(jsonb_build_object(
           'distance_m', CASE WHEN f.code = 'photo_far' THEN round(m.distance_m::numeric, 1) END,
           'photo_village', v.name, 'photo_village_code', m.actual_village_id,
           'photo_latitude', round(ST_Y(m.location)::numeric, 6),
           'photo_longitude', round(ST_X(m.location)::numeric, 6))) AS params
  FROM measured AS m
 CROSS JOIN LATERAL unnest(ARRAY[
       CASE WHEN m.is_abroad THEN 'photo_abroad'
            WHEN m.distance_m > %(far_m)s THEN 'photo_far' END]) AS f (code)
  LEFT JOIN regions_region AS v ON v.code = m.actual_village_id
 WHERE f.code IS NOT NULL
 ORDER BY m.row_number, f.code, m.distance_m DESC NULLS LAST
