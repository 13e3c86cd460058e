-- Purpose: the next accepted answers, with the correction and the obstacle of each.
-- One answer for each person at a time, so that the next one reads the row as this one left it.
-- `obstacle`: changed (the register's value differs from that of the question, or the person is not
-- active), locked, nik_taken, merge; '' where there is none.
-- Parameters: most, zone, kinds, acts, others (text[], of one length: what a kind's answers set).
-- Tables: taken (made here). Result: table taken = answer_id, conflict_id, worklist_id, person_id,
--   choice, field ('' corrects nothing), value, kk, now_ours, obstacle, day and the columns of
--   correcting.ACTS
-- Index: registry_person's primary key, registry_person_nik (looked up by key).
-- Plan: by rows
CREATE UNLOGGED TABLE {taken} AS
WITH chosen AS (
    SELECT a.id AS answer_id, a.choice, a.value AS given, a.reason, a.user_id, a.taken_at,
           a.taken_by_id, c.id AS conflict_id, c.worklist_id, c.person_id, c.record_id,
           c.claim_id, c.kind,
           c.field AS asked, c.ours, c.theirs, c.source_id,
           row_number() OVER (PARTITION BY coalesce(c.person_id, -c.id) ORDER BY a.id) AS nth
      FROM reconciliation_answer a
      JOIN reconciliation_conflict c ON c.id = a.conflict_id AND c.status = 'answered'
     WHERE a.is_taken
     ORDER BY a.id
     LIMIT %(most)s
), meant AS (
    SELECT h.*,
           CASE h.choice WHEN 'theirs' THEN k.act WHEN 'other' THEN k.other ELSE '' END AS field,
           CASE h.choice WHEN 'theirs' THEN h.theirs WHEN 'other' THEN h.given ELSE '' END AS value
      FROM chosen h
      JOIN unnest(%(kinds)s::text[], %(acts)s::text[], %(others)s::text[]) AS k (kind, act, other)
        ON k.kind = h.kind
     WHERE h.nth = 1
), seen AS (
    SELECT m.*, p.status AS person_status, p.village_id AS now_village,
           CASE m.asked
                WHEN 'status' THEN p.status
                WHEN 'village' THEN p.village_id
                WHEN 'name' THEN p.name
                WHEN 'birth_date' THEN coalesce(p.birth_date::text, '')
                WHEN 'sex' THEN p.sex
                WHEN 'mother_name' THEN p.mother_name
                WHEN 'kk' THEN coalesce((SELECT f.kk FROM registry_family f
                                          WHERE f.id = p.family_id), '')
                WHEN 'address' THEN (SELECT f.address FROM registry_family f
                                      WHERE f.id = p.family_id)
                WHEN 'location' THEN coalesce(
                     (SELECT round(ST_Y(f.location)::numeric, 6) || ', '
                             || round(ST_X(f.location)::numeric, 6)
                        FROM registry_family f WHERE f.id = p.family_id), '')
                WHEN 'nik' THEN CASE WHEN p.is_nik_disputed AND m.field = 'nik_disputed' THEN ''
                                     ELSE coalesce(p.nik, '') END
                WHEN 'person' THEN coalesce(p.nik, '')
                WHEN 'enrolments' THEN array_to_string(ARRAY(
                     SELECT e.programme_id FROM registry_enrolment e
                      WHERE e.person_id = p.id AND e.active_until IS NULL
                      ORDER BY e.programme_id), ';')
                ELSE '' END AS now_ours
      FROM meant m
      LEFT JOIN registry_person p ON p.id = m.person_id
)
SELECT s.answer_id, s.conflict_id, s.worklist_id, s.person_id, s.user_id, s.choice,
       CASE s.field WHEN 'kk' THEN 'village' ELSE s.field END AS field,
       CASE s.field WHEN 'kk' THEN s.now_village ELSE s.value END AS value,
       s.now_ours, s.theirs, s.person_status,
       CASE WHEN s.choice <> 'theirs' THEN ''
            WHEN s.field = 'kk' THEN s.theirs
            ELSE coalesce((SELECT l.kk FROM reconciliation_record l WHERE l.id = s.record_id),
                          (SELECT q.kk FROM registry_claim k
                             JOIN proposals_proposal q ON q.id = nullif(k.source_ref, '')::bigint
                            WHERE k.id = s.claim_id), '') END AS kk,
       CASE WHEN s.person_id IS NULL THEN ''
            WHEN s.person_status IS DISTINCT FROM 'active' OR s.now_ours <> s.ours THEN 'changed'
            WHEN s.field <> '' AND EXISTS (
                 SELECT FROM reconciliation_lock k
                  WHERE k.person_id = s.person_id AND k.field = s.asked AND k.lifted_at IS NULL)
            THEN 'locked'
            WHEN s.asked = 'person' AND s.choice = 'theirs' THEN 'merge'
            WHEN s.field = 'nik'
                 AND (EXISTS (SELECT FROM registry_person o
                               WHERE o.nik = s.value AND o.status = 'active'
                                 AND NOT o.is_nik_disputed AND o.id <> s.person_id)
                      OR row_number() OVER (PARTITION BY s.field, s.value ORDER BY s.answer_id) > 1)
            THEN 'nik_taken' ELSE '' END AS obstacle,
       (s.taken_at AT TIME ZONE %(zone)s)::date AS day,
       CASE WHEN s.person_id IS NULL OR s.field = '' THEN ''
            ELSE 'resolution ' || (s.taken_at AT TIME ZONE %(zone)s)::date || '/' || s.answer_id
            END AS reference,
       CASE s.choice WHEN 'other' THEN 'FIELD' ELSE s.source_id END AS source,
       'user:' || s.taken_by_id AS actor,
       coalesce(nullif(u.full_name, ''), u.username) AS actor_name,
       s.reason, s.taken_at AS at
  FROM seen s
  JOIN accounts_user u ON u.id = s.taken_by_id
