-- The distance of the epicentre to the regencies of some names; of several regencies of one name
-- (a regency and its city) the nearest.
-- Parameters: names (as `felt.place_key` writes them); longitude, latitude (degrees WGS 84);
--   farthest_m (regencies beyond it are other ones of the same name).
-- Result: name, distance_m (from the middle of the regency's villages).
WITH named AS (
    SELECT r.code, trim(regexp_replace(regexp_replace(regexp_replace(lower(r.name),
               '^((kab(upaten)?\.?|kota)\s+)?(adm(inistrasi)?\.?\s+)?(kep(ulauan)?\.?\s+)?', ''),
               '\mkep\M\.?', 'kepulauan'), '[^a-z]+', ' ', 'g')) AS name
      FROM regions_region AS r
     WHERE r.level = 'regency' AND r.valid_until IS NULL
), placed AS (
    SELECT n.name, (
           SELECT ST_Distance(
                      ST_SetSRID(ST_MakePoint(avg(ST_X(ST_Centroid(b.boundary))),
                                              avg(ST_Y(ST_Centroid(b.boundary)))), 4326)::geography,
                      ST_SetSRID(ST_MakePoint(%(longitude)s, %(latitude)s), 4326)::geography)
             FROM regions_boundary AS b
            WHERE b.is_current AND b.region_id >= n.code AND b.region_id < n.code || '/'
           ) AS distance_m
      FROM named AS n
     WHERE n.name = ANY (%(names)s::text[])
)
SELECT name, min(distance_m) AS distance_m
  FROM placed
 WHERE distance_m <= %(farthest_m)s
 GROUP BY name
