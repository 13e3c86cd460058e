-- One row per person of the staging rows, with the person's id in the register: known or new.
--
-- Parameters: source. Tables: rows (changes.COLUMNS), person (made here)
-- Result: table person = the columns of rows, person_id, is_new, old_family_id
-- Index: registry_person_nik (also for persons without a NIK: the nulls of that index).
-- Each row looks its person up by key (OFFSET 0), whatever the statistics say of the register.
-- Plan: by rows
-- Measured: 1,000,000 rows into an empty register, see loading.load_register.
CREATE UNLOGGED TABLE {person} AS
SELECT s.*,
       coalesce(p.id, q.id, nextval('registry_person_id_seq')) AS person_id,
       coalesce(p.id, q.id) IS NULL AS is_new,
       coalesce(p.family_id, q.family_id) AS old_family_id
  FROM (SELECT DISTINCT ON (coalesce(nik, 'row ' || row_number)) *
          FROM {rows}
         ORDER BY coalesce(nik, 'row ' || row_number), row_number) AS s
  LEFT JOIN LATERAL (
       SELECT id, family_id FROM registry_person
        WHERE nik = s.nik AND status = 'active' AND NOT is_nik_disputed
       OFFSET 0) AS p ON true
  LEFT JOIN registry_person q
    ON s.nik IS NULL AND s.source_ref <> ''
   AND q.nik IS NULL AND q.status = 'active' AND NOT q.is_nik_disputed
   AND q.source = %(source)s AND q.source_ref = s.source_ref
