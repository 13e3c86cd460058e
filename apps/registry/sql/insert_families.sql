-- The families whose KK is not in the register yet.
--
-- Parameters: change. Tables: family. Result: how many
-- Plan: one table
WITH added AS (
    INSERT INTO registry_family (id, kk, village_id, address, rt, rw, location, location_verdict,
                                 is_active, change_id)
    SELECT id, kk, village_id, address, rt, rw, location, location_verdict, true, %(change)s
      FROM {family}
     WHERE is_new
    RETURNING 1
)
SELECT count(*) FROM added
