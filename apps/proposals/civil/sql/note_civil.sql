-- Stores the civil register's answers about proposals that are still undecided, one row for each.
--
-- Parameters: ids, statuses, differs (codes with spaces between them), faults (arrays of one length)
--             source, now; fresh (newer answers are kept when the service fails)
-- Result: id of each proposal whose row was written. One that was determined, returned or rejected
--         meanwhile keeps its answer; a failure never replaces a fresh answer.
-- Locks: the proposals, shared, in the order of their ids: this and a determination run one after
--        the other.
-- Index: proposals_proposal's primary key, by a list of ids.
-- Plan: by rows
WITH open AS MATERIALIZED (
    SELECT p.id, p.village_id, g.status, g.differs, g.fault
      FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(differs)s::text[], %(faults)s::text[])
           AS g (id, status, differs, fault)
      JOIN proposals_proposal p ON p.id = g.id
     WHERE p.id = ANY(%(ids)s::bigint[]) AND p.status IN ('endorsed', 'accepted')
     ORDER BY p.id
       FOR SHARE OF p
)
INSERT INTO proposals_civilmatch AS m (proposal_id, village_id, status, differs, source, fault,
                                       attempts, checked_at)
SELECT id, village_id, status, string_to_array(differs, ' '), %(source)s, fault,
       (status = 'failed')::integer, %(now)s
  FROM open
    ON CONFLICT (proposal_id) DO UPDATE
   SET village_id = excluded.village_id, status = excluded.status, differs = excluded.differs,
       source = excluded.source, fault = excluded.fault, checked_at = excluded.checked_at,
       attempts = CASE WHEN excluded.status = 'failed' THEN least(m.attempts + 1, 1000) ELSE 0 END
 WHERE excluded.status <> 'failed' OR m.status = 'failed' OR m.checked_at < %(fresh)s
RETURNING proposal_id
