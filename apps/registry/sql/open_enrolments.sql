-- Open the programmes in the rows, once for each person; open enrolments stay as they are.
--
-- Parameters: change, day. Tables: rows, person. Result: how many were opened
-- Index: registry_enrolment_open; registry_person's primary key (OFFSET 0: looked up by key).
-- Plan: by rows
WITH opened AS (
    INSERT INTO registry_enrolment (person_id, village_id, programme_id, active_from, change_id)
    SELECT p.id, p.village_id, programme, %(day)s::date, %(change)s
      FROM (SELECT s.person_id, r.programmes
              FROM {rows} r
              JOIN {person} s ON s.nik = r.nik
             WHERE r.kind <> 'removal' AND s.kind <> 'removal' AND r.programmes <> '{{}}'
             UNION ALL
            SELECT s.person_id, s.programmes
              FROM {person} s
             WHERE s.nik IS NULL AND s.kind <> 'removal') AS wanted
     CROSS JOIN LATERAL (SELECT id, village_id FROM registry_person
                          WHERE id = wanted.person_id AND status = 'active' OFFSET 0) AS p
     CROSS JOIN LATERAL unnest(wanted.programmes) AS programme
    ON CONFLICT (person_id, programme_id) WHERE active_until IS NULL DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM opened
