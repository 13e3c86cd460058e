-- Replaces the findings about the places of re-checked proposals, then the highest severity of each
-- proposal.
-- Parameters: codes, severities, fields (the catalogue), replaced (codes about the place).
-- Tables: placed, findings (both by proposal id). Result: none.
-- Index: proposals_proposal's primary key by a list of ids; proposals_finding (batch_id, ...) by the
--        batches of these rows.
-- Plan: by rows
WITH looked_at AS MATERIALIZED (
    SELECT q.id, q.batch_id, q.row_number
      FROM proposals_proposal AS q
     WHERE q.id = ANY(ARRAY(SELECT row_number FROM {placed}))
), gone AS (
    DELETE FROM proposals_finding AS f USING looked_at AS l
     WHERE f.batch_id = ANY(ARRAY(SELECT DISTINCT batch_id FROM looked_at))
       AND f.batch_id = l.batch_id AND f.row_number = l.row_number AND f.code = ANY (%(replaced)s)
), fresh AS (
    INSERT INTO proposals_finding (batch_id, row_number, code, severity, field, params)
    SELECT l.batch_id, l.row_number, f.code, r.severity, r.field, f.params
      FROM {findings} AS f
      JOIN looked_at AS l ON l.id = f.row_number
      JOIN unnest(%(codes)s::text[], %(severities)s::smallint[], %(fields)s::text[])
           AS r (code, severity, field) USING (code)
     WHERE f.code = ANY (%(replaced)s)
    RETURNING batch_id, row_number, severity
), worst AS (
    SELECT l.id, coalesce(greatest(
               (SELECT max(f.severity) FROM proposals_finding AS f
                 WHERE f.batch_id = l.batch_id AND f.row_number = l.row_number
                   AND f.code <> ALL (%(replaced)s)),
               (SELECT max(n.severity) FROM fresh AS n
                 WHERE n.batch_id = l.batch_id AND n.row_number = l.row_number)), 0) AS severity
      FROM looked_at AS l
)
UPDATE proposals_proposal AS p SET severity = w.severity
  FROM worst AS w
 WHERE p.id = ANY(ARRAY(SELECT id FROM looked_at)) AND p.id = w.id AND p.severity <> w.severity
