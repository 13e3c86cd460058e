-- Store the values that are replaced: each changed field of a known person, with its source.
--
-- Parameters: change, at. Tables: update. Result: how many
-- Index: registry_person's and registry_family's primary keys (OFFSET 0: looked up by key).
-- Plan: by rows
WITH lost AS (
    INSERT INTO registry_claim (person_id, village_id, field, value, source, change_id, lost_at)
    SELECT p.id, u.village_id, v.field, left(v.old, 300), c.source, %(change)s, %(at)s
      FROM {update} u
      JOIN registry_person p ON p.id = u.id AND p.id = ANY(ARRAY(SELECT id FROM {update}))
     CROSS JOIN LATERAL (SELECT kk FROM registry_family WHERE id = p.family_id OFFSET 0) AS f
     CROSS JOIN LATERAL (VALUES
               ('kk', f.kk, CASE WHEN u.family_id = p.family_id THEN f.kk END),
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
               ('disability_kind', p.disability_kind, u.disability_kind),
               ('ppks', array_to_string(p.ppks, ';'), array_to_string(u.ppks, ';'))
           ) AS v (field, old, new)
      JOIN registry_change c ON c.id = coalesce((p.origins ->> v.field)::bigint, p.change_id)
     WHERE v.old IS DISTINCT FROM v.new AND v.old <> ''
    RETURNING 1
)
SELECT count(*) FROM lost
