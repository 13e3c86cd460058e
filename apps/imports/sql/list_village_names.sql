-- The villages in force with the bare names of all their parents.
-- Parameters: today. Result: code, and the names of village, district, regency and province.
-- Cost: 83,762 villages some 0.7 s, once for a delivery that names villages.
WITH bare AS MATERIALIZED (
    SELECT code, level, valid_until, regions_bare_name(name) AS name FROM regions_region
)
SELECT v.code, v.name, d.name, k.name, p.name
  FROM bare AS v
  JOIN bare AS d ON d.code = left(v.code, 8)
  JOIN bare AS k ON k.code = left(v.code, 5)
  JOIN bare AS p ON p.code = left(v.code, 2)
 WHERE v.level = 'village' AND (v.valid_until IS NULL OR v.valid_until > %(today)s)
