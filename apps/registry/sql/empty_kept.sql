-- Remove from the kept persons the values that a merge filled in.
--
-- Parameters: change (of the undoing). Tables: emptied. Result: how many persons
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH changed AS (
    UPDATE registry_person p
       SET nik = CASE WHEN 'nik' = ANY(u.fields) THEN NULL ELSE p.nik END,
           is_nik_disputed = p.is_nik_disputed AND NOT 'nik' = ANY(u.fields),
           title = CASE WHEN 'title' = ANY(u.fields) THEN '' ELSE p.title END,
           birth_place = CASE WHEN 'birth_place' = ANY(u.fields) THEN '' ELSE p.birth_place END,
           birth_date = CASE WHEN 'birth_date' = ANY(u.fields) THEN NULL ELSE p.birth_date END,
           sex = CASE WHEN 'sex' = ANY(u.fields) THEN '' ELSE p.sex END,
           mother_name = CASE WHEN 'mother_name' = ANY(u.fields) THEN '' ELSE p.mother_name END,
           relation = CASE WHEN 'relation' = ANY(u.fields) THEN '' ELSE p.relation END,
           occupation = CASE WHEN 'occupation' = ANY(u.fields) THEN '' ELSE p.occupation END,
           marital_status = CASE WHEN 'marital_status' = ANY(u.fields) THEN ''
                                 ELSE p.marital_status END,
           disability_kind = CASE WHEN 'disability_kind' = ANY(u.fields) THEN ''
                                  ELSE p.disability_kind END,
           ppks = CASE WHEN 'ppks' = ANY(u.fields) THEN '{{}}' ELSE p.ppks END,
           change_id = %(change)s,
           origins = registry_field_origins(p, u.fields)
      FROM {emptied} u
     WHERE p.id = ANY(ARRAY(SELECT id FROM {emptied})) AND p.id = u.id
    RETURNING 1
)
SELECT count(*) FROM changed
