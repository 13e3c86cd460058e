-- Values of "new" rows that differ from the register after the write: claims that never held.
--
-- The same claim of the same source is stored once, even if several Changes bring it. A different
-- spelling (case, spaces, leading zeros), an empty value, and a point within `metres` do not
-- differ.
-- Parameters: change, at, source, metres. Tables: rows, person. Result: how many
-- Index: registry_person's and registry_family's primary keys, registry_claim (person_id); each row
-- looks up by key (OFFSET 0).
-- Plan: by rows
WITH said AS MATERIALIZED (
    SELECT r.*, s.person_id
      FROM {rows} r
      JOIN {person} s ON s.nik = r.nik
     WHERE r.kind = 'new'
     UNION ALL
    SELECT r.*, s.person_id
      FROM {rows} r
      JOIN {person} s ON s.row_number = r.row_number
     WHERE r.kind = 'new' AND r.nik IS NULL
), claim AS (
    SELECT DISTINCT ON (s.person_id, v.field, v.value)
           s.person_id, p.village_id, v.field, left(v.value, 300) AS value, s.source_ref
      FROM said s
     CROSS JOIN LATERAL (SELECT * FROM registry_person
                          WHERE id = s.person_id AND status = 'active' OFFSET 0) AS p
     CROSS JOIN LATERAL (SELECT * FROM registry_family WHERE id = p.family_id OFFSET 0) AS f
     CROSS JOIN LATERAL (VALUES
               ('kk', s.kk, f.kk),
               ('village', s.village_id, p.village_id),
               ('address', s.address, f.address),
               ('rt', s.rt, f.rt),
               ('rw', s.rw, f.rw),
               ('location',
                round(ST_Y(s.location)::numeric, 6) || ', ' || round(ST_X(s.location)::numeric, 6),
                CASE WHEN ST_DWithin(s.location::geography, f.location::geography, %(metres)s)
                     THEN round(ST_Y(s.location)::numeric, 6) || ', '
                          || round(ST_X(s.location)::numeric, 6) END),
               ('name', s.name, p.name),
               ('title', s.title, p.title),
               ('birth_place', s.birth_place, p.birth_place),
               ('birth_date', s.birth_date::text, p.birth_date::text),
               ('sex', s.sex, p.sex),
               ('mother_name', s.mother_name, p.mother_name),
               ('relation', s.relation, p.relation),
               ('occupation', s.occupation, p.occupation),
               ('marital_status', s.marital_status, p.marital_status),
               ('disability_kind', s.disability_kind, p.disability_kind),
               ('ppks', array_to_string(s.ppks, ';'), array_to_string(p.ppks, ';'))
           ) AS v (field, value, current_value)
     WHERE v.value <> '' AND v.value IS DISTINCT FROM v.current_value
       AND CASE WHEN v.field IN ('rt', 'rw')
                THEN ltrim(v.value, '0') <> ltrim(v.current_value, '0')
                ELSE upper(regexp_replace(btrim(v.value), '\s+', ' ', 'g'))
                     IS DISTINCT FROM
                     upper(regexp_replace(btrim(v.current_value), '\s+', ' ', 'g')) END
     ORDER BY s.person_id, v.field, v.value, s.row_number
), claimed AS (
    INSERT INTO registry_claim (person_id, village_id, field, value, source, source_ref, was_held,
                                change_id, lost_at)
    SELECT c.person_id, c.village_id, c.field, c.value, %(source)s, c.source_ref, false,
           %(change)s, %(at)s
      FROM claim c
     WHERE NOT EXISTS (
           SELECT FROM (SELECT field, value, source, was_held, undone_id FROM registry_claim
                         WHERE person_id = c.person_id OFFSET 0) AS o
            WHERE o.field = c.field AND o.value = c.value AND o.source = %(source)s
              AND NOT o.was_held AND o.undone_id IS NULL)
    RETURNING 1
)
SELECT count(*) FROM claimed
