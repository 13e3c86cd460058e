-- The codes of all villages in force on a day.
-- Parameters: day. Result: code.
SELECT code FROM regions_region
 WHERE level = 'village' AND (valid_from IS NULL OR valid_from <= %(day)s)
   AND (valid_until IS NULL OR valid_until > %(day)s)
