-- One Change for each act of a staging table; an existing reference is not inserted again.
--
-- Parameters: kind. Tables: acts (correcting.ACTS). Result: how many were made
-- Plan: by rows
WITH made AS (
    INSERT INTO registry_change (kind, reference, source, actor, actor_name, reason, at, rows)
    SELECT %(kind)s, reference, source, actor, left(actor_name, 200), left(reason, 500), at, '{{}}'
      FROM {acts}
     WHERE reference <> ''
     ORDER BY reference
    ON CONFLICT (kind, reference) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM made
