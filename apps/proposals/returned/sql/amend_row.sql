-- Purpose: one returned proposal takes the checked values of its sender and returns to review; its
--   old findings are deleted, one decision is written.
-- Parameters: id, batch, row_number; by, by_name, now, note; keeps_title (bool: the name was not
--   changed, so that the title beside it is kept); keeps_point (bool: the point was not changed, so
--   that the findings of other rows about it are kept).
-- Tables: target (one row, from store_proposals).
-- Result: how many moved: one, or none when the proposal is no longer returned.
-- Index: proposals_proposal's primary key; proposals_finding_row.
-- Plan: by key
WITH moved AS (
    UPDATE proposals_proposal p
       SET status = 'submitted', step_by_id = %(by)s, step_at = %(now)s, kind = t.kind, nik = t.nik,
           kk = t.kk, name = t.name, title = CASE WHEN %(keeps_title)s THEN p.title ELSE t.title END,
           birth_place = t.birth_place, birth_date = t.birth_date, sex = t.sex,
           mother_name = t.mother_name, relation = t.relation, occupation = t.occupation,
           marital_status = t.marital_status, address = t.address, rt = t.rt, rw = t.rw,
           village_id = t.village_id, programme_id = t.programme_id,
           disability_kind = t.disability_kind, is_pregnant = t.is_pregnant,
           pregnancy_date = t.pregnancy_date, ppks = t.ppks, location = t.location,
           accuracy_m = t.accuracy_m, verdict = t.verdict, distance_m = t.distance_m,
           actual_village_id = t.actual_village_id, edition_id = t.edition_id,
           flags = t.flags || CASE WHEN %(keeps_point)s AND 'shared_point' = ANY(p.flags)
                                        AND NOT 'shared_point' = ANY(t.flags)
                                   THEN ARRAY['shared_point']::varchar[]
                                   ELSE ARRAY[]::varchar[] END,
           severity = t.severity, identity_note = t.identity_note,
           person_id = t.person_id, ends = t.ends, reason = t.reason, reason_date = t.reason_date,
           evidence_kind = t.evidence_kind, evidence_number = t.evidence_number,
           changes = t.changes
      FROM {target} t
     WHERE p.id = %(id)s AND p.status = 'returned'
    RETURNING p.id, p.village_id
), noted AS (
    INSERT INTO proposals_decision (proposal_id, village_id, from_status, to_status, by_id, by_name,
                                    at, reason, note, is_undo)
    SELECT id, village_id, 'returned', 'submitted', %(by)s, %(by_name)s, %(now)s, '', %(note)s, false
      FROM moved
), forgotten AS (
    DELETE FROM proposals_finding f
     USING moved
     WHERE f.batch_id = %(batch)s AND f.row_number = %(row_number)s
       AND NOT (%(keeps_point)s AND f.code = 'shared_point')
)
SELECT count(*) FROM moved
