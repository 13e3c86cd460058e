-- The counts of a checked batch: rows, ready, held, and each verdict, finding and flag.
-- Tables: placed, weighed, findings. Result: one json object, the batch's counts.
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM {placed}),
    'held', (SELECT count(*) FROM {weighed} WHERE severity = 3),
    'ready', (SELECT count(*) FROM {placed}) - (SELECT count(*) FROM {weighed} WHERE severity = 3),
    'verdicts', (SELECT coalesce(jsonb_object_agg(verdict, n), '{{}}')
                   FROM (SELECT verdict, count(*) AS n FROM {placed} WHERE verdict <> ''
                          GROUP BY verdict) AS v),
    'findings', (SELECT coalesce(jsonb_object_agg(code, n), '{{}}')
                   FROM (SELECT code, count(*) AS n FROM {findings} GROUP BY code) AS f),
    'flags', (SELECT coalesce(jsonb_object_agg(flag, n), '{{}}')
                FROM (SELECT unnest(flags) AS flag, count(*) AS n FROM {placed}
                       WHERE flags <> '{{}}' GROUP BY 1) AS g))
