-- Update the known families whose address differs. Values missing in the rows stay.
--
-- A point belongs to its village: a new village without a new point removes the old point.
-- Parameters: change. Tables: family. Result: how many
-- Index: registry_family's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH changed AS (
    UPDATE registry_family f
       SET village_id = n.village_id, address = n.address, rt = n.rt, rw = n.rw,
           location = n.location, location_verdict = n.location_verdict, change_id = %(change)s
      FROM (SELECT k.id, s.village_id,
                   coalesce(nullif(s.address, ''), k.address) AS address,
                   coalesce(nullif(s.rt, ''), k.rt) AS rt,
                   coalesce(nullif(s.rw, ''), k.rw) AS rw,
                   CASE WHEN s.location IS NULL AND s.village_id = k.village_id
                        THEN k.location ELSE s.location END AS location,
                   CASE WHEN s.location IS NULL AND s.village_id = k.village_id
                        THEN k.location_verdict ELSE s.location_verdict END AS location_verdict
              FROM {family} s
              JOIN registry_family k ON k.id = s.id
             WHERE k.id = ANY(ARRAY(SELECT id FROM {family} WHERE NOT is_new))
               AND NOT s.is_new AND NOT s.is_done) AS n
     WHERE f.id = ANY(ARRAY(SELECT id FROM {family} WHERE NOT is_new)) AND f.id = n.id
       AND (f.village_id, f.address, f.rt, f.rw, f.location, f.location_verdict)
           IS DISTINCT FROM
           (n.village_id, n.address, n.rt, n.rw, n.location, n.location_verdict)
    RETURNING 1
)
SELECT count(*) FROM changed
