-- One row per person of the staging rows, with the person's id in the register: known or new.
--
-- The first row of a person gives the fields; a row that only ends enrolments comes last. A correction goes before a "new" row, which changes
-- no
-- value of the register (`is_mending` is false) and moves no person unless a reviewer confirmed it
-- (`is_moving`).
-- Parameters: source, overwrites (every row changes what it says otherwise).
-- Tables: rows (changes.COLUMNS), person (made here)
-- Result: table person = the columns of rows, is_mending, is_moving, person_id, is_new,
--         old_family_id, old_kk (of the family in which a known person is; not asked where all overwrite)
-- Index: registry_person_nik (also for persons without a NIK: the nulls of that index).
-- Each row looks its person up by key (OFFSET 0), independent of the planner's statistics.
-- Plan: by rows
-- Measured: 1,000,000 rows into an empty register, see loading.load_register.
CREATE UNLOGGED TABLE {person} AS
SELECT s.*,
       s.kind = 'correction' OR %(overwrites)s AS is_mending,
       s.kind = 'correction' OR %(overwrites)s OR coalesce(s.move_confirmed, false) AS is_moving,
       coalesce(p.id, q.id, nextval('registry_person_id_seq')) AS person_id,
       coalesce(p.id, q.id) IS NULL AS is_new,
       coalesce(p.family_id, q.family_id) AS old_family_id,
       f.kk AS old_kk
  FROM (SELECT DISTINCT ON (coalesce(nik, 'row ' || row_number)) *
          FROM {rows} r
         WHERE %(overwrites)s OR r.kind <> 'new' OR r.nik IS NULL
            OR r.nik NOT IN (SELECT nik FROM {rows} WHERE kind = 'correction' AND nik IS NOT NULL)
         ORDER BY coalesce(nik, 'row ' || row_number),
                  r.kind = 'removal' AND r.ends = 'enrolment', row_number) AS s
  LEFT JOIN LATERAL (
       SELECT id, family_id FROM registry_person
        WHERE nik = s.nik AND status = 'active' AND NOT is_nik_disputed
       OFFSET 0) AS p ON true
  LEFT JOIN registry_person q
    ON s.nik IS NULL AND s.source_ref <> ''
   AND q.nik IS NULL AND q.status = 'active' AND NOT q.is_nik_disputed
   AND q.source = %(source)s AND q.source_ref = s.source_ref
  LEFT JOIN LATERAL (
       SELECT kk FROM registry_family
        WHERE id = coalesce(p.family_id, q.family_id) AND NOT %(overwrites)s
       OFFSET 0) AS f ON true
