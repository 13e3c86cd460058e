-- The counts of the re-checked open proposals, by batch: verdicts, findings, flags.
-- Tables: points (row_number is the proposal's id). Result: batch, one json object.
-- Index: proposals_proposal's primary key, by a list of ids; proposals_finding (batch_id, row_number).
-- Plan: by rows
WITH stood AS MATERIALIZED (
    SELECT p.batch_id, p.row_number, p.verdict, p.flags
      FROM proposals_proposal AS p WHERE p.id = ANY(ARRAY(SELECT row_number FROM {points}))
), said AS MATERIALIZED (
    SELECT f.batch_id, f.code, count(*) AS n
      FROM proposals_finding AS f JOIN stood AS s USING (batch_id, row_number)
     WHERE f.batch_id = ANY(ARRAY(SELECT DISTINCT batch_id FROM stood))
     GROUP BY f.batch_id, f.code
), lay AS MATERIALIZED (
    SELECT batch_id, verdict, count(*) AS n FROM stood WHERE verdict <> '' GROUP BY 1, 2
), flew AS MATERIALIZED (
    SELECT batch_id, flag, count(*) AS n FROM stood CROSS JOIN LATERAL unnest(flags) AS f (flag)
     GROUP BY 1, 2
)
SELECT b.batch_id, jsonb_build_object(
    'verdicts', (SELECT coalesce(jsonb_object_agg(verdict, n), '{{}}') FROM lay AS l
                  WHERE l.batch_id = b.batch_id),
    'findings', (SELECT coalesce(jsonb_object_agg(code, n), '{{}}') FROM said AS s
                  WHERE s.batch_id = b.batch_id),
    'flags', (SELECT coalesce(jsonb_object_agg(flag, n), '{{}}') FROM flew AS f
               WHERE f.batch_id = b.batch_id))
  FROM (SELECT DISTINCT batch_id FROM stood) AS b
