-- The programmes that the rows name, once each for a person: what is open stays as it is.
--
-- Parameters: change, day. Tables: rows, person. Result: how many were opened
-- Index: registry_enrolment_open.
WITH opened AS (
    INSERT INTO registry_enrolment (person_id, village_id, programme_id, active_from, change_id)
    SELECT DISTINCT p.id, p.village_id, programme, %(day)s::date, %(change)s::bigint
      FROM {rows} r
      JOIN {person} s
        ON coalesce(s.nik, 'row ' || s.row_number) = coalesce(r.nik, 'row ' || r.row_number)
      JOIN registry_person p ON p.id = s.person_id AND p.status = 'active'
     CROSS JOIN LATERAL unnest(r.programmes) AS programme
     WHERE r.kind <> 'removal' AND s.kind <> 'removal'
    ON CONFLICT (person_id, programme_id) WHERE active_until IS NULL DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM opened
