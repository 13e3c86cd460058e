-- The persons who are corrected by their id, each under its own Change.
--
-- `origins` names, for each field that keeps its value, the Change that brought it.
-- Tables: update. Result: how many
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH changed AS (
    UPDATE registry_person p
       SET family_id = u.family_id, village_id = u.village_id, nik = u.nik,
           is_nik_disputed = u.is_nik_disputed, status = u.status,
           name = u.name, title = u.title, birth_place = u.birth_place,
           birth_date = u.birth_date, sex = u.sex, mother_name = u.mother_name,
           relation = u.relation, occupation = u.occupation, marital_status = u.marital_status,
           disability_kind = u.disability_kind, change_id = u.change_id,
           origins = (
               SELECT coalesce(jsonb_object_agg(v.field, coalesce((p.origins ->> v.field)::bigint,
                                                                  p.change_id)), '{{}}')
                 FROM (VALUES
                          ('nik', p.nik, u.nik),
                          ('kk', p.family_id::text, u.family_id::text),
                          ('ppks', array_to_string(p.ppks, ';'), array_to_string(p.ppks, ';')),
                          ('village', p.village_id, u.village_id),
                          ('name', p.name, u.name),
                          ('title', p.title, u.title),
                          ('birth_place', p.birth_place, u.birth_place),
                          ('birth_date', p.birth_date::text, u.birth_date::text),
                          ('sex', p.sex, u.sex),
                          ('mother_name', p.mother_name, u.mother_name),
                          ('relation', p.relation, u.relation),
                          ('occupation', p.occupation, u.occupation),
                          ('marital_status', p.marital_status, u.marital_status),
                          ('disability_kind', p.disability_kind, u.disability_kind)
                      ) AS v (field, old, new)
                WHERE v.old = v.new AND v.old <> '')
      FROM {update} u
     WHERE p.id = ANY(ARRAY(SELECT id FROM {update} WHERE field <> 'enrolments_ended'))
       AND p.id = u.id AND u.field <> 'enrolments_ended'
    RETURNING 1
)
SELECT count(*) FROM changed
