-- The fingerprint of a release's values, the same for the same figures in any order of any file.
-- Parameters: release. Result: sha256 in hexadecimal digits, and the number of values.
-- Cost: sorts the values of one release.
SELECT encode(sha256(convert_to(
           coalesce(string_agg(region_id || ' ' || trim_scale(value), E'\n'
                               ORDER BY region_id COLLATE "C"), ''), 'UTF8')), 'hex'),
       count(*)
  FROM indicators_value
 WHERE release_id = %(release)s
