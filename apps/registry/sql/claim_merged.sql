-- The differing values of dropped persons: claims of the kept ones, with the origin of each value.
--
-- Parameters: change, at. Tables: value (compare_merged). Result: how many
-- Index: registry_change's primary key.
-- Plan: by rows
WITH claimed AS (
    INSERT INTO registry_claim (person_id, village_id, field, value, source, change_id, lost_at)
    SELECT DISTINCT v.keep_id, v.village_id, v.field, left(v.dropped, 300), c.source,
           %(change)s::bigint, %(at)s::timestamptz
      FROM {value} v
      JOIN registry_change c ON c.id = v.origin_id
     WHERE v.action = 'claim'
    RETURNING 1
)
SELECT count(*) FROM claimed
