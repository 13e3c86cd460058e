-- Insert the families formed by persons who leave another one.
--
-- Tables: move. Result: how many
-- Plan: one table
WITH added AS (
    INSERT INTO registry_family (id, kk, village_id, address, rt, rw, location_verdict, is_active,
                                 change_id)
    SELECT family_id, kk, village_id, '', '', '', '', true, change_id
      FROM {move}
     WHERE how = 'new'
    RETURNING 1
)
SELECT count(*) FROM added
