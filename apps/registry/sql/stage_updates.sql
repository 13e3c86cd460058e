-- The known persons whose row changes, with all values as they will be.
--
-- Those named by the staging rows take the values given there; the other members of a family that
-- moves take its new village. A person whom this Change has written already stays.
-- Parameters: change. Tables: person, family, update (made here)
-- Result: table update = id, family_id, village_id and the person's fields
-- Index: registry_person's primary key and family_id. Rows of the register are found by a list of keys.
-- Plan: by rows
CREATE UNLOGGED TABLE {update} AS
SELECT u.*
  FROM (SELECT p.id, f.id AS family_id, f.village_id,
               coalesce(nullif(s.name, ''), p.name) AS name,
               coalesce(nullif(s.title, ''), p.title) AS title,
               coalesce(nullif(s.birth_place, ''), p.birth_place) AS birth_place,
               coalesce(s.birth_date, p.birth_date) AS birth_date,
               coalesce(nullif(s.sex, ''), p.sex) AS sex,
               coalesce(nullif(s.mother_name, ''), p.mother_name) AS mother_name,
               coalesce(nullif(s.relation, ''), p.relation) AS relation,
               coalesce(nullif(s.occupation, ''), p.occupation) AS occupation,
               coalesce(nullif(s.marital_status, ''), p.marital_status) AS marital_status,
               coalesce(nullif(s.disability_kind, ''), p.disability_kind) AS disability_kind,
               coalesce(nullif(s.ppks, '{{}}'), p.ppks) AS ppks
          FROM {person} s
          JOIN registry_person p ON p.id = s.person_id
          JOIN {family} f ON f.kk = s.kk
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
