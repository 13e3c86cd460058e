-- The evidence for the choice of the kept person, and a state to detect changes since it was shown.
--
-- Parameters: ids (bigint[])
-- Result: id, status, village_id, is_nik_sure (an undisputed NIK), filled (fields with a value),
--         state (differs as soon as the person or an open enrolment does)
-- Index: registry_person's primary key, registry_enrolment (person_id) (OFFSET 0: looked up by key).
SELECT p.id, p.status, p.village_id,
       coalesce(p.nik, '') <> '' AND NOT p.is_nik_disputed AS is_nik_sure,
       num_nonnulls(nullif(p.nik, ''), nullif(p.name, ''), nullif(p.title, ''),
                    nullif(p.birth_place, ''), p.birth_date, nullif(p.sex, ''),
                    nullif(p.mother_name, ''), nullif(p.relation, ''), nullif(p.occupation, ''),
                    nullif(p.marital_status, ''), nullif(p.disability_kind, ''),
                    nullif(p.ppks, '{}')) AS filled,
       concat_ws(':', p.change_id, p.status, e.state) AS state
  FROM unnest(%(ids)s::bigint[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM registry_person WHERE id = wanted.id OFFSET 0) AS p
 CROSS JOIN LATERAL (SELECT string_agg(o.id || '=' || o.change_id, ',' ORDER BY o.id) AS state
                       FROM (SELECT id, change_id FROM registry_enrolment
                              WHERE person_id = p.id AND active_until IS NULL OFFSET 0) AS o) AS e
