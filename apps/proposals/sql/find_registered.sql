-- What the register already knows of the persons of a batch.
-- Tables: tidy (from tidy_rows), findings (gets rows).
-- A new proposal must not repeat an enrolment; a correction or removal must have something to
-- correct or remove. Indexes: registry_person_nik, registry_enrolment_open.
INSERT INTO {findings} (row_number, code, field, params)
SELECT k.row_number, f.code, '',
       jsonb_strip_nulls(jsonb_build_object('programme', k.programme_id, 'since', k.active_from))
  FROM (SELECT t.row_number, t.kind, t.programme_id, t.birth_date, p.id AS person_id,
               p.birth_date AS known_birth_date, e.id AS enrolment_id, e.active_from
          FROM {tidy} AS t
          JOIN registry_person AS p
            ON p.nik = t.nik AND p.status = 'active' AND NOT p.is_nik_disputed
          LEFT JOIN registry_enrolment AS e
            ON e.person_id = p.id AND e.programme_id = t.programme_id AND e.active_until IS NULL
         WHERE t.nik_form <> 'odd'
        UNION ALL
        SELECT t.row_number, t.kind, t.programme_id, t.birth_date, NULL, NULL, NULL, NULL
          FROM {tidy} AS t
         WHERE t.kind IN ('correction', 'removal') AND t.nik_form <> 'odd'
           AND NOT EXISTS (SELECT FROM registry_person AS p
                            WHERE p.nik = t.nik AND p.status = 'active' AND NOT p.is_nik_disputed)
       ) AS k
 CROSS JOIN LATERAL unnest(array_remove(ARRAY[
       CASE WHEN k.kind = 'new' AND k.enrolment_id IS NOT NULL THEN 'already_registered'
            WHEN k.kind = 'new' AND k.person_id IS NOT NULL THEN 'registered_without_programme'
            WHEN k.kind IN ('correction', 'removal') AND k.person_id IS NULL THEN 'not_registered'
            WHEN k.kind = 'removal' AND k.enrolment_id IS NULL THEN 'not_enrolled' END,
       CASE WHEN k.known_birth_date <> k.birth_date AND k.kind <> 'correction'
            THEN 'register_birth_date_differs' END], NULL)) AS f (code)
