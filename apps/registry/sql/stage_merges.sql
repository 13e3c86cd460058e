-- The pairs to be merged with the families that the dropped persons leave, without finished ones.
--
-- Parameters: keeps, drops (bigint[] of one length). Tables: merge (made here)
-- Result: table merge = keep_id, drop_id, old_family_id, is_new (false: as end_families reads it)
-- Index: registry_person's primary key (OFFSET 0: looked up by key).
-- Plan: by rows
CREATE UNLOGGED TABLE {merge} AS
SELECT keep_id, drop_id, d.family_id AS old_family_id, false AS is_new
  FROM unnest(%(keeps)s::bigint[], %(drops)s::bigint[]) AS pair (keep_id, drop_id)
 CROSS JOIN LATERAL (SELECT family_id, status FROM registry_person
                      WHERE id = drop_id OFFSET 0) AS d
 WHERE d.status = 'active'
