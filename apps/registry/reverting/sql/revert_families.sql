-- Purpose: bring families back to their state before a reverted Change.
--
-- Parameters: change (of the reverting), is_active (only those that were active or only those that
--   had ended: ending first frees the KK for the others). Tables: family. Result: how many
-- Index: the primary keys of registry_family and registry_familyevent, by lists of keys.
-- Plan: by rows
WITH chosen AS MATERIALIZED (
    SELECT s.id, e.kk, e.village_id, e.address, e.rt, e.rw, e.location, e.location_verdict,
           e.is_active
      FROM {family} s
     CROSS JOIN LATERAL (SELECT * FROM registry_familyevent WHERE pgh_id = s.before OFFSET 0) AS e
     WHERE s.obstacle = '' AND s.old_is_active = %(is_active)s
), reverted AS (
    UPDATE registry_family f
       SET kk = c.kk, village_id = c.village_id, address = c.address, rt = c.rt, rw = c.rw,
           location = c.location, location_verdict = c.location_verdict,
           is_active = c.is_active, change_id = %(change)s
      FROM chosen c
     WHERE f.id = ANY(ARRAY(SELECT id FROM chosen)) AND f.id = c.id
    RETURNING 1
)
SELECT count(*) FROM reverted
