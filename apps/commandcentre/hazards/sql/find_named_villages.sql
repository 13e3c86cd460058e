-- The villages that the source of an event names: by name in a district and regency, or all villages
-- of a district of which none is named.
-- Parameters: provinces, regencies, districts, villages (names as written, equally long; a district
--   or a village may be ''), today. Names are compared bare.
-- Result: number of the asked place (from 1), code of a village. Where no province is the one named,
--   a regency is taken only if it is the only one of its name.
WITH asked AS (
    SELECT u.nth, regions_bare_name(u.province) AS province, regions_bare_name(u.regency) AS regency,
           regions_bare_name(u.district) AS district, regions_bare_name(u.village) AS village
      FROM unnest(%(provinces)s::text[], %(regencies)s::text[], %(districts)s::text[],
                  %(villages)s::text[]) WITH ORDINALITY
           AS u (province, regency, district, village, nth)
), upper_region AS MATERIALIZED (
    SELECT code, level, regions_bare_name(name) AS name
      FROM regions_region
     WHERE level IN ('province', 'regency', 'district')
       AND (valid_until IS NULL OR valid_until > %(today)s)
), named_regency AS (
    SELECT a.nth, k.code, p.name = a.province AS is_said,
           bool_or(p.name = a.province) OVER of_place AS any_said, count(*) OVER of_place AS several
      FROM asked AS a
      JOIN upper_region AS k ON k.level = 'regency' AND k.name = a.regency
      JOIN upper_region AS p ON p.level = 'province' AND p.code = left(k.code, 2)
    WINDOW of_place AS (PARTITION BY a.nth)
), named_district AS (
    SELECT a.*, d.code
      FROM named_regency AS k
      JOIN asked AS a USING (nth)
      JOIN upper_region AS d ON d.level = 'district' AND left(d.code, 5) = k.code
       AND (d.name = a.district OR a.district = '')
     WHERE k.is_said OR (k.several = 1 AND NOT k.any_said)
)
SELECT d.nth, v.code
  FROM named_district AS d
  JOIN regions_region AS v ON v.parent_id = d.code AND v.level = 'village'
   AND (v.valid_until IS NULL OR v.valid_until > %(today)s)
 WHERE CASE WHEN d.village = '' THEN d.district <> ''
            ELSE regions_bare_name(v.name) = d.village END
 ORDER BY 1, 2
