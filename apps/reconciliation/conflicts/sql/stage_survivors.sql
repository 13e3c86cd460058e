-- Purpose: values that are taken over without a question, in the form of corrections.
-- Parameters: change, field, persons (bigint[]), values (text[], of one length), day.
-- Tables: rows (made here). Result: table rows = correcting.CORRECTIONS
-- Plan: by rows
CREATE UNLOGGED TABLE {rows} AS
SELECT %(change)s::bigint AS change_id, v.person_id, %(field)s::text AS field, v.value,
       ''::text AS kk, %(day)s::date AS day
  FROM unnest(%(persons)s::bigint[], %(values)s::text[]) AS v (person_id, value)
