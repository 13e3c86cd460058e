-- Who of the batch is in the register already?
-- Tables: tidy (from tidy_rows), known (is made).
-- Result: row_number, kind, programme_id, birth_date of the row; person_id, known_birth_date.
-- Index: registry_person_nik. Measured: 100,000 rows against a million persons 0.5 s, two workers 0.2 s.
CREATE UNLOGGED TABLE {known} AS
SELECT t.row_number, t.kind, t.programme_id, t.birth_date, p.id AS person_id,
       p.birth_date AS known_birth_date
  FROM {tidy} AS t
  JOIN registry_person AS p ON p.nik = t.nik AND p.status = 'active' AND NOT p.is_nik_disputed
 WHERE t.nik_form <> 'odd'
