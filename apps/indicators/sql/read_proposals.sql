-- The proposals that were sent and not withdrawn.
-- Result: village_id, kk, status.
SELECT q.village_id, q.kk, q.status
  FROM proposals_proposal AS q
 WHERE q.status NOT IN ('draft', 'withdrawn')
