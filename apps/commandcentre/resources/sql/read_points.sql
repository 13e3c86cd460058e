-- The points of staged facilities or responders, as regions.placing takes them.
-- Tables: given (row_number, claimed, latitude, longitude as texts).
-- Result: row_number, village_id (claimed code or null), kk (''), longitude, latitude (degrees, null
--   where there is none or it cannot be read).
SELECT row_number, claimed AS village_id, ''::varchar AS kk,
       regions_degrees(longitude) AS longitude, regions_degrees(latitude) AS latitude
  FROM {given}
