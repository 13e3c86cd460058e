-- The families whose address or point is corrected, by one of their members. A person confirmed the
-- new point, so it has no verdict of a check.
--
-- Tables: update. Result: how many
-- Index: registry_family's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH changed AS (
    UPDATE registry_family f
       SET address = CASE u.field WHEN 'address' THEN u.value ELSE f.address END,
           location = CASE u.field WHEN 'location'
                           THEN ST_SetSRID(ST_MakePoint(split_part(u.value, ', ', 2)::float8,
                                                        split_part(u.value, ', ', 1)::float8), 4326)
                           ELSE f.location END,
           location_verdict = CASE u.field WHEN 'location' THEN '' ELSE f.location_verdict END,
           change_id = u.change_id
      FROM {update} u
     WHERE f.id = ANY(ARRAY(SELECT family_id FROM {update} WHERE field IN ('address', 'location')))
       AND f.id = u.family_id AND u.field IN ('address', 'location') AND f.change_id <> u.change_id
    RETURNING 1
)
SELECT count(*) FROM changed
