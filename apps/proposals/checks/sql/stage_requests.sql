-- What each removal and correction of a registered person asks for: the register's values, and the
-- fields that a correction changes. An empty cell changes nothing.
-- Tables: tidy (from tidy_rows), matched (from compare_persons), requests (is made).
-- Result: row_number, kind, ends, person_id, village_id (where the register has the person), held (the
--   register's values by field, as registry_values gives them), programme_id (an open enrolment, else
--   a programme that every row can name), is_enrolled (in the row's programme), changes (by field the
--   register's and the proposed value).
-- Index: registry_person's and registry_family's primary keys; registry_enrolment_open.
-- Plan: by key
CREATE UNLOGGED TABLE {requests} AS
SELECT t.row_number, t.kind, t.ends, m.person_id, v.held ->> 'village' AS village_id, v.held,
       coalesce((SELECT min(e.programme_id) FROM registry_enrolment AS e
                  WHERE e.person_id = m.person_id AND e.active_until IS NULL),
                (SELECT code FROM registry_programme
                  ORDER BY code <> 'NON-BANSOS', code LIMIT 1)) AS programme_id,
       t.programme_id IS NULL OR EXISTS (
           SELECT FROM registry_enrolment AS e
            WHERE e.person_id = m.person_id AND e.programme_id = t.programme_id
              AND e.active_until IS NULL) AS is_enrolled,
       CASE WHEN t.kind = 'correction' THEN coalesce((
           SELECT jsonb_object_agg(f.field, jsonb_build_array(
                      coalesce(v.held ->> f.field, ''), f.value))
             FROM (VALUES
                      ('name', t.names[2]),
                      ('birth_place', t.birth_place),
                      ('birth_date', t.birth_date::text),
                      ('sex', t.sex),
                      ('mother_name', t.mother_name),
                      ('relation', t.relation),
                      ('occupation', t.occupation),
                      ('marital_status', t.marital_status),
                      ('disability_kind',
                       CASE t.disability WHEN 'YA' THEN t.disability_kind END),
                      ('ppks', array_to_string(t.ppks, ';')),
                      ('kk', t.kk),
                      ('village', t.village_id),
                      ('address', t.address),
                      ('rt', t.rt),
                      ('rw', t.rw),
                      ('location', round(t.latitude::numeric, 6) || ', '
                                   || round(t.longitude::numeric, 6))) AS f (field, value)
            WHERE registry_plain(f.field, f.value) <> ''
              AND registry_plain(f.field, f.value)
                  <> registry_plain(f.field, v.held ->> f.field)), '{{}}') END AS changes
  FROM {tidy} AS t
  JOIN {matched} AS m USING (row_number)
 CROSS JOIN LATERAL (SELECT registry_values(m.person_id) AS held OFFSET 0) AS v
 WHERE t.kind IN ('correction', 'removal') AND m.person_id IS NOT NULL
