-- Purpose: who sent these proposals into the review last, and how many of them each.
-- Parameters: ids (bigint[]).
-- Result: user id, how many.
-- Index: proposals_decision (proposal_id). An agency has no user and reads its answers by the API.
SELECT by_id, count(*)
  FROM (SELECT DISTINCT ON (d.proposal_id) d.proposal_id, d.by_id
          FROM proposals_decision d
         WHERE d.proposal_id = ANY(%(ids)s::bigint[])
           AND d.to_status = 'submitted' AND NOT d.is_undo
         ORDER BY d.proposal_id, d.id DESC) AS sent
 WHERE by_id IS NOT NULL
 GROUP BY by_id
