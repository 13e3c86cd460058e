-- The known persons whose row changes, with all their future values.
--
-- A row that mends gives its values. Any other row fills only the gaps, and the person stays in the
-- family unless the row moves them. A person who stays in a family that moves gets its new village.
-- A person whom this Change has written already is not changed.
-- Parameters: change. Tables: person, family, update (made here)
-- Result: table update = id, family_id, village_id and the person's fields
-- Index: registry_person's primary key and family_id. Rows of the register are found by a list of keys.
-- Plan: by rows
CREATE UNLOGGED TABLE {update} AS
SELECT u.*
  FROM (SELECT p.id, coalesce(f.id, p.family_id) AS family_id,
               coalesce(f.village_id, h.village_id, p.village_id) AS village_id,
               coalesce(nullif(w.name, ''), nullif(p.name, ''), s.name) AS name,
               coalesce(nullif(w.title, ''), nullif(p.title, ''), s.title) AS title,
               coalesce(nullif(w.birth_place, ''), nullif(p.birth_place, ''),
                        s.birth_place) AS birth_place,
               coalesce(w.birth_date, p.birth_date, s.birth_date) AS birth_date,
               coalesce(nullif(w.sex, ''), nullif(p.sex, ''), s.sex) AS sex,
               coalesce(nullif(w.mother_name, ''), nullif(p.mother_name, ''),
                        s.mother_name) AS mother_name,
               coalesce(nullif(w.relation, ''), nullif(p.relation, ''), s.relation) AS relation,
               coalesce(nullif(w.occupation, ''), nullif(p.occupation, ''),
                        s.occupation) AS occupation,
               coalesce(nullif(w.marital_status, ''), nullif(p.marital_status, ''),
                        s.marital_status) AS marital_status,
               coalesce(nullif(w.disability_kind, ''), nullif(p.disability_kind, ''),
                        s.disability_kind) AS disability_kind,
               coalesce(nullif(w.ppks, '{{}}'), nullif(p.ppks, '{{}}'), s.ppks) AS ppks
          FROM {person} s
          JOIN registry_person p ON p.id = s.person_id
          LEFT JOIN {family} f ON f.kk = s.kk AND s.is_moving
          LEFT JOIN {family} h ON h.kk = s.old_kk
          LEFT JOIN LATERAL (  -- what wins over the register: nothing unless the row mends
               SELECT s.name, s.title, s.birth_place, s.birth_date, s.sex, s.mother_name,
                      s.relation, s.occupation, s.marital_status, s.disability_kind, s.ppks
                WHERE s.is_mending) AS w ON true
         WHERE p.id = ANY(ARRAY(SELECT person_id FROM {person} WHERE NOT is_new))
           AND NOT s.is_new AND s.kind <> 'removal'
         UNION ALL
        SELECT p.id, p.family_id, f.village_id, p.name, p.title, p.birth_place, p.birth_date,
               p.sex, p.mother_name, p.relation, p.occupation, p.marital_status,
               p.disability_kind, p.ppks
          FROM {family} f
          JOIN registry_person p ON p.family_id = f.id
         WHERE p.family_id = ANY(ARRAY(SELECT id FROM {family} WHERE NOT is_new))
           AND NOT f.is_new AND p.status = 'active'
           AND NOT EXISTS (SELECT FROM {person} s WHERE s.person_id = p.id)) AS u
  JOIN registry_person p ON p.id = u.id
 WHERE p.id = ANY(ARRAY(
           SELECT person_id FROM {person} WHERE NOT is_new
           UNION ALL
           SELECT m.id FROM registry_person m
            WHERE m.family_id = ANY(ARRAY(SELECT id FROM {family} WHERE NOT is_new))))
   AND p.change_id <> %(change)s
   AND (u.family_id, u.village_id, u.name, u.title, u.birth_place, u.birth_date, u.sex,
        u.mother_name, u.relation, u.occupation, u.marital_status, u.disability_kind, u.ppks)
       IS DISTINCT FROM
       (p.family_id, p.village_id, p.name, p.title, p.birth_place, p.birth_date, p.sex,
        p.mother_name, p.relation, p.occupation, p.marital_status, p.disability_kind, p.ppks)
