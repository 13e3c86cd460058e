-- The persons who are not in the register yet, in their families.
--
-- Parameters: change, source. Tables: person, family. Result: how many
-- Plan: by rows
-- In the order of their ids, so that the rows of a file lie together.
WITH added AS (
    INSERT INTO registry_person (id, family_id, village_id, nik, is_nik_disputed, name, title,
                                 birth_place, birth_date, sex, mother_name, relation, occupation,
                                 marital_status, disability_kind, ppks, status, source, source_ref,
                                 origins, change_id)
    SELECT s.person_id, f.id, f.village_id, s.nik, false, s.name, s.title, s.birth_place,
           s.birth_date, s.sex, s.mother_name, s.relation, s.occupation, s.marital_status,
           s.disability_kind, s.ppks, 'active', %(source)s, s.source_ref, '{{}}', %(change)s
      FROM {person} s
      JOIN {family} f ON f.kk = s.kk
     WHERE s.is_new AND s.kind <> 'removal'
    RETURNING 1
)
SELECT count(*) FROM added
