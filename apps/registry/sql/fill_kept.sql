-- Fill the gaps of the kept persons from the dropped ones. `origins` names, for each field that
-- keeps
-- its value, the Change that brought it; a filled value comes from this Change.
--
-- Parameters: change. Tables: value (compare_merged). Result: how many persons
-- Index: registry_person's primary key. Rows of the register are found by a list of keys.
-- Plan: by rows
WITH filling AS MATERIALIZED (
    SELECT keep_id, array_agg(field) AS fields,
           max(dropped) FILTER (WHERE field = 'nik') AS nik,
           max(drop_id) FILTER (WHERE field = 'nik') AS nik_of,
           max(dropped) FILTER (WHERE field = 'title') AS title,
           max(dropped) FILTER (WHERE field = 'birth_place') AS birth_place,
           max(dropped) FILTER (WHERE field = 'birth_date') AS birth_date,
           max(dropped) FILTER (WHERE field = 'sex') AS sex,
           max(dropped) FILTER (WHERE field = 'mother_name') AS mother_name,
           max(dropped) FILTER (WHERE field = 'relation') AS relation,
           max(dropped) FILTER (WHERE field = 'occupation') AS occupation,
           max(dropped) FILTER (WHERE field = 'marital_status') AS marital_status,
           max(dropped) FILTER (WHERE field = 'disability_kind') AS disability_kind,
           max(dropped) FILTER (WHERE field = 'ppks') AS ppks
      FROM {value}
     WHERE action = 'fill'
     GROUP BY keep_id
), filled AS (
    UPDATE registry_person p
       SET nik = coalesce(f.nik, p.nik),
           is_nik_disputed = CASE WHEN f.nik IS NULL THEN p.is_nik_disputed
                                  ELSE (SELECT o.is_nik_disputed FROM registry_person o
                                         WHERE o.id = f.nik_of) END,
           title = coalesce(f.title, p.title),
           birth_place = coalesce(f.birth_place, p.birth_place),
           birth_date = coalesce(f.birth_date::date, p.birth_date),
           sex = coalesce(f.sex, p.sex),
           mother_name = coalesce(f.mother_name, p.mother_name),
           relation = coalesce(f.relation, p.relation),
           occupation = coalesce(f.occupation, p.occupation),
           marital_status = coalesce(f.marital_status, p.marital_status),
           disability_kind = coalesce(f.disability_kind, p.disability_kind),
           ppks = coalesce(string_to_array(f.ppks, ';')::smallint[], p.ppks),
           change_id = %(change)s,
           origins = registry_field_origins(p, f.fields)
      FROM filling f
     WHERE p.id = ANY(ARRAY(SELECT keep_id FROM filling)) AND p.id = f.keep_id
    RETURNING 1
)
SELECT count(*) FROM filled
