-- How the figures of a release compare with those that were in force before.
-- Parameters: release, former. Result: regions in the release, in the former one, and the median of
--   new over former figures (null without common ones).
-- Cost: reads the values of both releases by their index.
SELECT (SELECT count(*) FROM indicators_value WHERE release_id = %(release)s),
       (SELECT count(*) FROM indicators_value WHERE release_id = %(former)s),
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (n.value / f.value)::float8)
          FROM indicators_value AS n
          JOIN indicators_value AS f ON f.release_id = %(former)s AND f.region_id = n.region_id
         WHERE n.release_id = %(release)s AND f.value <> 0)
