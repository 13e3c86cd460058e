-- Purpose: take back one person's step on chosen proposals, and write one decision for each, in one
-- statement.
--
-- Parameters: ids        the rows
--             by, by_name, now
--             at         when the step was taken: its decisions have this time
--             froms, tos the moves back that are allowed (arrays of one length)
-- Result: id of each row that moved back. A row with a later step is not among them.
-- Locks: the rows in the order of their ids.
-- Index: proposals_proposal's primary key, proposals_decision (proposal_id). Measured as a job over
--        HTTP (bench/bulk_decision.py), 100,000 rows: 9.4 s.
-- Plan: by rows
WITH steps AS MATERIALIZED (
    SELECT DISTINCT ON (d.proposal_id) d.proposal_id, d.id, d.from_status, d.to_status, d.by_id,
           d.at, d.is_undo
      FROM proposals_decision d
     WHERE d.proposal_id = ANY(%(ids)s::bigint[])
     ORDER BY d.proposal_id, d.id DESC
), befores AS MATERIALIZED (
    SELECT DISTINCT ON (d.proposal_id) d.proposal_id, d.by_id, d.at
      FROM proposals_decision d
      JOIN steps s ON s.proposal_id = d.proposal_id
     WHERE d.proposal_id = ANY(%(ids)s::bigint[])
       AND d.id < s.id AND d.to_status = s.from_status AND NOT d.is_undo
     ORDER BY d.proposal_id, d.id DESC
), chosen AS MATERIALIZED (
    SELECT p.id, s.to_status AS was, s.from_status AS back
      FROM steps s
      JOIN unnest(%(froms)s::text[], %(tos)s::text[]) AS m (was, back)
           ON m.was = s.to_status AND m.back = s.from_status
      JOIN proposals_proposal p ON p.id = s.proposal_id
     WHERE p.id = ANY(%(ids)s::bigint[])
       AND s.by_id = %(by)s AND s.at = %(at)s AND NOT s.is_undo
       AND p.status = s.to_status AND p.step_by_id = %(by)s AND p.step_at = %(at)s
     ORDER BY p.id
       FOR UPDATE OF p
), moved AS (
    UPDATE proposals_proposal p
       SET status = c.back, step_by_id = b.by_id, step_at = coalesce(b.at, p.step_at)
      FROM chosen c LEFT JOIN befores b ON b.proposal_id = c.id
     WHERE p.id = ANY(ARRAY(SELECT id FROM chosen)) AND p.id = c.id AND p.status = c.was
    RETURNING p.id, p.village_id, c.was, c.back
), noted AS (
    INSERT INTO proposals_decision (proposal_id, village_id, from_status, to_status, by_id, by_name,
                                    at, reason, note, is_undo)
    SELECT id, village_id, was, back, %(by)s, %(by_name)s, %(now)s, '', '', true
      FROM moved
)
SELECT id FROM moved
