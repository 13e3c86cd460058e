-- Replaces the findings about photos of some rows of a batch, then the highest severity of each
-- proposal among them.
-- Parameters: batch; codes, severities, fields (the catalogue); replaced (codes about photos).
-- Tables: touched (row_number), findings (row_number, code, params).
-- Index: proposals_finding (batch_id, row_number); proposals_proposal (batch_id, row_number).
-- Plan: by rows
WITH gone AS (
    DELETE FROM proposals_finding AS f USING {touched} AS t
     WHERE f.batch_id = %(batch)s AND f.row_number = t.row_number AND f.code = ANY (%(replaced)s)
), fresh AS (
    INSERT INTO proposals_finding (batch_id, row_number, code, severity, field, params)
    SELECT %(batch)s, f.row_number, f.code, r.severity, r.field, f.params
      FROM {findings} AS f
      JOIN unnest(%(codes)s::text[], %(severities)s::smallint[], %(fields)s::text[])
           AS r (code, severity, field) USING (code)
    RETURNING row_number, severity
), worst AS (
    SELECT p.id, coalesce(greatest(
               (SELECT max(f.severity) FROM proposals_finding AS f
                 WHERE f.batch_id = %(batch)s AND f.row_number = p.row_number
                   AND f.code <> ALL (%(replaced)s)),
               (SELECT max(n.severity) FROM fresh AS n WHERE n.row_number = p.row_number)), 0)
           AS severity
      FROM {touched} AS t
      JOIN proposals_proposal AS p ON p.batch_id = %(batch)s AND p.row_number = t.row_number
)
UPDATE proposals_proposal AS p SET severity = w.severity
  FROM worst AS w
 WHERE p.id = w.id AND p.batch_id = %(batch)s AND p.severity <> w.severity
