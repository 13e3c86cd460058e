-- Purpose: move the accepted proposals of one part of a decree to determined, with one decision
--   each.
--
-- Left out are rows that the determiner accepted, and of several rows of one NIK that exclude each
-- other (proposals_claim) in the decree all but the one with the lowest id (in any part). A removal
-- or a correction is left out if the register has no such person any more, or has changed since
-- (register_filters.IS_GONE, CONFLICTS). Without a reason for them, rows not
-- matched with the civil register are left out, too, because the answer may have changed since the
-- decree was asked for; that a deceased person is deceased there is a match. Rows that seem to be another person than the one registered under their NIK
-- are left out unless this is explained (register_filters.IS_UNEXPLAINED).
-- Parameters: decree, by, by_name, now; asked (accepted until then); explained (the reason is there),
--             chars (of an explanation of identity, at least)
--             low, high (village codes of the part), region_low, region_high (of the decree)
-- Result: moved (rows)
-- Index: proposals_proposal (village_id, status, id) and (nik). OFFSET 0 keeps the look-up of other
--   rows on the index of NIKs; the rows to move are found by a list of their ids.
-- Plan: by rows
WITH chosen AS MATERIALIZED (
    SELECT p.id
      FROM proposals_proposal p
     WHERE p.status = 'accepted' AND p.village_id >= %(low)s AND p.village_id < %(high)s
       AND p.step_at <= %(asked)s AND p.step_by_id IS DISTINCT FROM %(by)s
       AND (%(explained)s OR EXISTS (SELECT FROM proposals_civilmatch m
                                      WHERE m.proposal_id = p.id
                                        AND (m.status = 'matched' OR p.reason = 'deceased'
                                             AND m.differs = ARRAY['deceased']::varchar[])))
       AND (p.kind = 'new' OR EXISTS (SELECT FROM proposals_registeredmatch r
                                       WHERE r.proposal_id = p.id AND r.person_id IS NOT NULL
                                         AND cardinality(r.conflicts) = 0))
       AND (p.kind = 'correction' OR length(p.identity_note) >= %(chars)s
            OR NOT EXISTS (SELECT FROM proposals_registeredmatch r
                            WHERE r.proposal_id = p.id AND r.likely = 'other'))
       AND NOT EXISTS (
           SELECT FROM (SELECT o.id, o.status, o.village_id, o.step_at, o.step_by_id, o.decree_id,
                               o.kind, o.identity_note, o.reason,
                               proposals_claim(o.kind, o.ends, o.programme_id) AS claim
                          FROM proposals_proposal o
                         WHERE o.nik = p.nik
                        OFFSET 0) AS o
            WHERE o.id < p.id
              AND (o.claim = proposals_claim(p.kind, p.ends, p.programme_id)
                   OR '*' IN (o.claim, proposals_claim(p.kind, p.ends, p.programme_id)))
              AND (o.decree_id = %(decree)s
                   OR o.status = 'accepted' AND o.village_id >= %(region_low)s
                      AND o.village_id < %(region_high)s AND o.step_at <= %(asked)s
                      AND o.step_by_id IS DISTINCT FROM %(by)s
                      AND (%(explained)s OR EXISTS (
                          SELECT FROM proposals_civilmatch m
                           WHERE m.proposal_id = o.id
                             AND (m.status = 'matched' OR o.reason = 'deceased'
                                  AND m.differs = ARRAY['deceased']::varchar[])))
                      AND (o.kind = 'new' OR EXISTS (
                          SELECT FROM proposals_registeredmatch r
                           WHERE r.proposal_id = o.id AND r.person_id IS NOT NULL
                             AND cardinality(r.conflicts) = 0))
                      AND (o.kind = 'correction' OR length(o.identity_note) >= %(chars)s
                           OR NOT EXISTS (SELECT FROM proposals_registeredmatch r
                                           WHERE r.proposal_id = o.id AND r.likely = 'other'))))
     ORDER BY p.id
       FOR UPDATE OF p
), moved AS (
    UPDATE proposals_proposal p
       SET status = 'determined', decree_id = %(decree)s, step_by_id = %(by)s, step_at = %(now)s
     WHERE p.id = ANY(ARRAY(SELECT id FROM chosen)) AND p.status = 'accepted'
    RETURNING p.id, p.village_id
), noted AS (
    INSERT INTO proposals_decision (proposal_id, village_id, from_status, to_status, by_id, by_name,
                                    at, reason, note, is_undo)
    SELECT id, village_id, 'accepted', 'determined', %(by)s, %(by_name)s, %(now)s, '', '', false
      FROM moved
)
SELECT count(*) FROM moved
