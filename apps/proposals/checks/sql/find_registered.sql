-- The findings from the comparison of a batch's persons with the register.
-- Tables: matched (from compare_persons), findings (gets rows).
-- A new proposal must not repeat an enrolment; a row whose person seems to be another one than the
-- registered person needs an explanation. What removals and corrections need beside this:
-- find_request_faults.
-- Index: registry_enrolment_open.
INSERT INTO {findings} (row_number, code, field, params)
SELECT m.row_number, f.code, coalesce(f.field, ''),
       jsonb_strip_nulls(CASE
           WHEN f.code IN ('already_registered', 'registered_without_programme')
           THEN jsonb_build_object('programme', m.programme_id, 'since', e.active_from)
           WHEN f.code = 'register_birth_date_differs' THEN '{{}}'
           ELSE jsonb_build_object(
               'who', m.registered ->> 'name', 'who_nik', m.registered ->> 'nik',
               'who_kk', m.registered ->> 'kk', 'who_village', m.registered ->> 'village',
               'who_village_code', m.registered ->> 'village_code',
               'fields', array_to_string(ARRAY(SELECT d FROM unnest(m.differs) AS d
                   WHERE (d IN ('kk', 'village', 'address', 'location'))
                       = (f.code IN ('registered_moved', 'family_moved'))), ' ')) END)
  FROM {matched} AS m
  LEFT JOIN registry_enrolment AS e
    ON e.person_id = m.person_id AND e.programme_id = m.programme_id AND e.active_until IS NULL
 CROSS JOIN LATERAL (
       SELECT m.likely = 'other' AS is_other,
              m.likely = 'other' AND m.kind <> 'correction' AND NOT m.is_explained AS is_stranger,
              m.differs && ARRAY['name', 'mother_name', 'sex'] AS is_unlike,
              m.differs && ARRAY['kk', 'village', 'address', 'location'] AS is_elsewhere
       ) AS w
 CROSS JOIN LATERAL (VALUES
       (CASE WHEN NOT w.is_other THEN NULL
             WHEN m.kind = 'correction' THEN 'registered_other_corrected'
             WHEN m.is_explained THEN 'registered_other_explained'
             ELSE 'registered_other' END, 'nik'),
       (CASE WHEN m.person_id IS NULL OR w.is_stranger THEN NULL
             WHEN m.kind = 'new' AND e.id IS NOT NULL THEN 'already_registered'
             WHEN m.kind = 'new' AND m.likely = 'same' AND NOT w.is_unlike AND NOT w.is_elsewhere
             THEN 'registered_without_programme' END, NULL),
       (CASE WHEN m.kind = 'new' AND m.likely = 'same' AND w.is_unlike
             THEN CASE WHEN m.is_spelling AND NOT 'sex' = ANY (m.differs)
                       THEN 'registered_spelling' ELSE 'registered_differs' END END,
        CASE WHEN 'name' = ANY (m.differs) THEN 'name'
             WHEN 'mother_name' = ANY (m.differs) THEN 'mother_name' ELSE 'sex' END),
       (CASE WHEN m.kind <> 'correction' AND 'birth_date' = ANY (m.differs) AND NOT w.is_stranger
             THEN 'register_birth_date_differs' END, NULL),
       (CASE WHEN m.kind <> 'new' OR w.is_stranger OR NOT w.is_elsewhere THEN NULL
             WHEN m.person_id IS NULL THEN 'family_moved' ELSE 'registered_moved' END,
        CASE WHEN 'kk' = ANY (m.differs) THEN 'kk'
             WHEN 'village' = ANY (m.differs) THEN 'village_code'
             WHEN 'address' = ANY (m.differs) THEN 'address' ELSE 'latitude' END)
       ) AS f (code, field)
 WHERE f.code IS NOT NULL
