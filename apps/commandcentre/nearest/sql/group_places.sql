-- Groups villages into clusters: villages of one regency and one island, each at most so many metres
-- from another one of its cluster. Metres are of the plane that touches the sphere at the middle
-- latitude of regency and island: within a regency they differ from those on the sphere by less than
-- one per cent.
-- Parameters: villages (codes), longitudes, latitudes, islands (of the same length), radius_m (of
-- the earth), distance_m. Result: code, regency, island, number of the cluster within these two.
-- Cost: one pass over the villages of each regency and island (bench/exposure.py).
SELECT p.code, p.regency, p.island,
       ST_ClusterDBSCAN(ST_Point(%(radius_m)s * radians(p.longitude) * cos(radians(p.middle)),
                                 %(radius_m)s * radians(p.latitude)),
                        eps := %(distance_m)s, minpoints := 1)
           OVER (PARTITION BY p.regency, p.island)
  FROM (SELECT u.*, left(u.code, 5) AS regency,
               avg(u.latitude) OVER (PARTITION BY left(u.code, 5), u.island) AS middle
          FROM unnest(%(villages)s::text[], %(longitudes)s::float8[], %(latitudes)s::float8[],
                      %(islands)s::bigint[]) AS u (code, longitude, latitude, island)) AS p
