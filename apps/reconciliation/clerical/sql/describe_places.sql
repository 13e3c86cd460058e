-- Purpose: where the two sides of a pair live, in words, and how far apart.
-- Parameters: left, right (records); hidden (ids of persons of the register whose house is told
--   nobody: metres from two known places tell it, too).
-- The place of a person of the register is the family's point; for other records, and for hidden
--   persons, it is the middle of the village's current boundary, or the village office where there is
--   no boundary.
-- Result: one row a side: record, village name, district, regency, whether the place is a family's
--   point, metres (geodesic) to the other side's place, null where one is not known.
-- Index: primary keys.
WITH side AS (
    SELECT r.id, r.village_code,
           CASE WHEN r.source_id = 'REGISTER' AND r.source_ref ~ '^[0-9]{1,18}$' THEN
                (SELECT f.location FROM registry_person p JOIN registry_family f ON f.id = p.family_id
                  WHERE p.id = r.source_ref::bigint
                    AND p.id <> ALL (%(hidden)s::bigint[])) END AS home,
           coalesce((SELECT ST_Centroid(b.boundary) FROM regions_boundary b
                      WHERE b.region_id = r.village_code AND b.is_current),
                    (SELECT g.office FROM regions_region g WHERE g.code = r.village_code)) AS middle
      FROM reconciliation_record r
     WHERE r.id IN (%(left)s, %(right)s)
)
SELECT s.id, v.name, d.name, g.name, s.home IS NOT NULL,
       (SELECT ST_Distance(coalesce(s.home, s.middle)::geography,
                           coalesce(o.home, o.middle)::geography)
          FROM side o WHERE o.id <> s.id)
  FROM side s
  LEFT JOIN regions_region v ON v.code = s.village_code
  LEFT JOIN regions_region d ON d.code = left(s.village_code, 8)
  LEFT JOIN regions_region g ON g.code = left(s.village_code, 5)
