-- What the register has to say about the persons of a batch.
-- Tables: tidy (from tidy_rows), known (from know_persons), findings (gets rows).
-- A new proposal must not repeat an enrolment; a correction or removal must have something to
-- correct or remove. Index: registry_enrolment_open.
INSERT INTO {findings} (row_number, code, field, params)
SELECT k.row_number, f.code, '',
       jsonb_strip_nulls(jsonb_build_object('programme', k.programme_id, 'since', e.active_from))
  FROM {known} AS k
  LEFT JOIN registry_enrolment AS e
    ON e.person_id = k.person_id AND e.programme_id = k.programme_id AND e.active_until IS NULL
 CROSS JOIN LATERAL unnest(array_remove(ARRAY[
       CASE WHEN k.kind = 'new' AND e.id IS NOT NULL THEN 'already_registered'
            WHEN k.kind = 'new' THEN 'registered_without_programme'
            WHEN k.kind = 'removal' AND e.id IS NULL THEN 'not_enrolled' END,
       CASE WHEN k.known_birth_date <> k.birth_date AND k.kind <> 'correction'
            THEN 'register_birth_date_differs' END], NULL)) AS f (code)
UNION ALL
SELECT t.row_number, 'not_registered', '', '{{}}'
  FROM {tidy} AS t
 WHERE t.kind IN ('correction', 'removal') AND t.nik_form <> 'odd'
   AND NOT EXISTS (SELECT FROM {known} AS k WHERE k.row_number = t.row_number)
