-- One row per person of the staging rows, with the person's id in the register: known or new.
--
-- Parameters: source. Tables: rows (changes.COLUMNS), person (made here)
-- Result: table person = the columns of rows, person_id, is_new, old_family_id
-- Index: registry_person_nik (also for persons without a NIK: the nulls of that index).
-- Measured: 1,000,000 rows into an empty register, see loading.load_register.
CREATE UNLOGGED TABLE {person} AS
SELECT s.*,
       coalesce(p.id, q.id, nextval('registry_person_id_seq')) AS person_id,
       coalesce(p.id, q.id) IS NULL AS is_new,
       coalesce(p.family_id, q.family_id) AS old_family_id
  FROM (SELECT DISTINCT ON (coalesce(nik, 'row ' || row_number)) *
          FROM {rows}
         ORDER BY coalesce(nik, 'row ' || row_number), row_number) AS s
  LEFT JOIN registry_person p
    ON p.nik = s.nik AND p.status = 'active' AND NOT p.is_nik_disputed
  LEFT JOIN registry_person q
    ON s.nik IS NULL AND s.source_ref <> ''
   AND q.nik IS NULL AND q.status = 'active' AND NOT q.is_nik_disputed
   AND q.source = %(source)s AND q.source_ref = s.source_ref
