-- As read_proposals, of some villages: `{villages}` has their codes.
-- Result: village_id, kk, status.
-- Index: proposals_proposal_queue of each partition.
SELECT v.code AS village_id, q.kk, q.status
  FROM {villages} AS v
 CROSS JOIN LATERAL (SELECT kk, status FROM proposals_proposal
                      WHERE village_id = v.code AND status NOT IN ('draft', 'withdrawn') OFFSET 0
                    ) AS q
