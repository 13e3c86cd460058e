-- One point as the relation that locate_points takes.
-- Parameters: longitude, latitude (degrees WGS 84), village (claimed code, '' for none).
-- Result: row_number (1), village_id, kk (''), longitude, latitude.
SELECT p.row_number, nullif(p.village, '') AS village_id, p.kk, p.longitude, p.latitude
  FROM (VALUES (1::bigint, %(village)s::varchar, ''::varchar, %(longitude)s::double precision,
                %(latitude)s::double precision))
       AS p (row_number, village, kk, longitude, latitude)
