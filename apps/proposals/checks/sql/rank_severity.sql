-- The worst severity of each row that has findings.
-- Parameters: codes, severities (the catalogue). Tables: findings, weighed (is made).
CREATE UNLOGGED TABLE {weighed} AS
SELECT f.row_number, max(r.severity) AS severity
  FROM {findings} AS f
  JOIN unnest(%(codes)s::text[], %(severities)s::smallint[]) AS r (code, severity) USING (code)
 GROUP BY f.row_number
