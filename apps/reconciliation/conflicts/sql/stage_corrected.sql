-- Purpose: the answers in the form of corrections: one person, one field, one Change.
-- Tables: taken, rows (made here). Result: table rows = correcting.CORRECTIONS
-- Index: registry_change_once.
-- Plan: by rows
CREATE UNLOGGED TABLE {rows} AS
SELECT c.id AS change_id, t.person_id, t.field, t.value, t.kk, t.day
  FROM {taken} t
  JOIN registry_change c ON c.kind = 'resolution' AND c.reference = t.reference
 WHERE t.reference <> ''
