-- Purpose: bring persons back to their state before a reverted Change, in the village in which their
--   family lives now. Each field keeps the origin that it had then.
--
-- Parameters: change (of the reverting), is_active (only those that were active, or only the others:
--   these first, because they free a NIK). Tables: person. Result: how many
-- Index: the primary keys of registry_person, registry_family and registry_personevent, by lists of
--   keys.
-- Plan: by rows
WITH chosen AS MATERIALIZED (
    SELECT s.id, e.family_id, coalesce(f.village_id, e.village_id) AS village_id, e.nik,
           e.is_nik_disputed, e.name, e.title, e.birth_place, e.birth_date, e.sex, e.mother_name,
           e.relation, e.occupation, e.marital_status, e.disability_kind, e.ppks, e.status,
           e.end_reason, e.end_date, e.merged_into_id, e.source, e.source_ref,
           registry_field_origins(jsonb_populate_record(NULL::registry_person, to_jsonb(e)),
                                  '{{}}') AS origins
      FROM {person} s
     CROSS JOIN LATERAL (SELECT * FROM registry_personevent WHERE pgh_id = s.before OFFSET 0) AS e
      LEFT JOIN LATERAL (SELECT village_id FROM registry_family
                          WHERE id = e.family_id AND e.status = 'active' OFFSET 0) AS f ON true
     WHERE s.obstacle = '' AND (s.old_status = 'active') = %(is_active)s
), reverted AS (
    UPDATE registry_person p
       SET family_id = c.family_id, village_id = c.village_id, nik = c.nik,
           is_nik_disputed = c.is_nik_disputed, name = c.name, title = c.title,
           birth_place = c.birth_place, birth_date = c.birth_date, sex = c.sex,
           mother_name = c.mother_name, relation = c.relation, occupation = c.occupation,
           marital_status = c.marital_status, disability_kind = c.disability_kind,
           ppks = c.ppks, status = c.status, end_reason = c.end_reason, end_date = c.end_date,
           merged_into_id = c.merged_into_id, source = c.source, source_ref = c.source_ref,
           origins = c.origins, change_id = %(change)s
      FROM chosen c
     WHERE p.id = ANY(ARRAY(SELECT id FROM chosen)) AND p.id = c.id
    RETURNING 1
)
SELECT count(*) FROM reverted
