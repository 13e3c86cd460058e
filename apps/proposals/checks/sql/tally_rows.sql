-- The counts of some rows of a batch: rows, ready, held, verdicts, findings, flags (as count_rows
-- for a whole batch). Parameters: batch. Tables: staging (row_number). Result: one json object.
-- Plan: by rows
WITH stored AS MATERIALIZED (
    SELECT true AS is_ready, verdict, flags FROM proposals_proposal
     WHERE batch_id = %(batch)s AND row_number IN (SELECT row_number FROM {staging})
    UNION ALL
    SELECT false, verdict, flags FROM proposals_heldrow
     WHERE batch_id = %(batch)s AND row_number IN (SELECT row_number FROM {staging})
)
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM stored),
    'ready', (SELECT count(*) FROM stored WHERE is_ready),
    'held', (SELECT count(*) FROM stored WHERE NOT is_ready),
    'verdicts', (SELECT coalesce(jsonb_object_agg(verdict, n), '{{}}')
                   FROM (SELECT verdict, count(*) AS n FROM stored WHERE verdict <> ''
                          GROUP BY verdict) AS v),
    'findings', (SELECT coalesce(jsonb_object_agg(code, n), '{{}}')
                   FROM (SELECT code, count(*) AS n FROM proposals_finding
                          WHERE batch_id = %(batch)s
                            AND row_number IN (SELECT row_number FROM {staging})
                          GROUP BY code) AS f),
    'flags', (SELECT coalesce(jsonb_object_agg(flag, n), '{{}}')
                FROM (SELECT unnest(flags) AS flag, count(*) AS n FROM stored GROUP BY 1) AS g))
