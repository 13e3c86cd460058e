-- Stores the coverage of villages anew: one row for each kind of hazard to which a village is prone,
-- and one for all kinds together. Made-up families (registry_canary) do not count.
-- Parameters: villages, facilities, distances (metres), crossings (equally long: the nearest facility
--   with stock of each village that has one); penalty_m. Result: how many rows.
-- Every table is read once.
-- Plan: one table
WITH near AS MATERIALIZED (
    SELECT *
      FROM unnest(%(villages)s::text[], %(facilities)s::bigint[], %(distances)s::float8[],
                  %(crossings)s::smallint[]) AS n (village_id, facility_id, distance_m, crossings)
), family AS MATERIALIZED (
    SELECT village_id, count(*) AS families FROM registry_family
     WHERE is_active AND village_id IS NOT NULL
       AND id NOT IN (SELECT p.family_id FROM registry_canary AS c
                        JOIN registry_person AS p ON p.id = c.person_id)
     GROUP BY village_id
), zone AS MATERIALIZED (
    SELECT e.kind, z.village_id, max(z.hazard_class) AS hazard_class, max(z.share_any) AS share_any
      FROM commandcentre_villagezone AS z
      JOIN commandcentre_zoneedition AS e ON e.id = z.edition_id AND e.is_current
     GROUP BY e.kind, z.village_id
), line AS (
    SELECT kind, village_id, hazard_class, share_any FROM zone
     UNION ALL
    SELECT '', village_id, max(hazard_class), max(share_any)
      FROM (SELECT village_id, hazard_class, share_any FROM zone
             UNION ALL
            SELECT village_id, NULL, NULL FROM family) AS any_kind
     GROUP BY village_id
), stored AS (
    INSERT INTO commandcentre_villagecoverage
           (kind, village_id, hazard_class, share_any, families, facility_id, distance_m, crossings,
            effective_m)
    SELECT l.kind, l.village_id, l.hazard_class, l.share_any, coalesce(f.families, 0),
           n.facility_id, n.distance_m, n.crossings, n.distance_m + n.crossings * %(penalty_m)s
      FROM line AS l
      LEFT JOIN family AS f USING (village_id)
      LEFT JOIN near AS n USING (village_id)
    RETURNING 1
)
SELECT count(*) FROM stored
