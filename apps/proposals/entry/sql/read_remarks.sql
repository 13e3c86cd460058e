-- Purpose: the findings of a draft's rows, with severity, column and the cell as it was written.
-- Parameters: codes, severities, fields (the catalogue), value_chars. Tables: staging, findings.
-- Result: row_number, code, severity, field, params.
SELECT f.row_number, f.code, r.severity, c.field,
       f.params || CASE WHEN v.value IS NULL THEN '{{}}'::jsonb
                        ELSE jsonb_build_object('value', left(v.value, %(value_chars)s)) END
  FROM {findings} AS f
  JOIN unnest(%(codes)s::text[], %(severities)s::smallint[], %(fields)s::text[])
       AS r (code, severity, field) USING (code)
  JOIN {staging} AS s USING (row_number)
 CROSS JOIN LATERAL (SELECT coalesce(nullif(f.field, ''), r.field) AS field) AS c
 CROSS JOIN LATERAL (SELECT CASE WHEN c.field <> '' THEN to_jsonb(s) ->> c.field END AS value) AS v
 ORDER BY f.row_number, r.severity DESC, f.code
