-- Submits the ready rows of one batch, except those held back, and writes a decision for each.
--
-- Parameters: batch; prefixes (text[], dotted codes; '' is the country); villages (text[] or NULL: all)
--             held (bigint[]: ids that stay); by (NULL for an agency), by_name, now,
--             note (of the sender, for the review); needs_evidence, cycle (id or NULL: the cycle whose documents count)
-- Result: moved (rows), without (rows held back because their village has no evidence)
-- Only `ready` decides which rows may be submitted. A removal or a correction has its own paper.
-- Index: proposals_proposal (batch_id, row_number), then its primary key by a list of ids;
--        casework_document (cycle_id, region_id).
-- Plan: by rows
WITH ready AS MATERIALIZED (
    SELECT p.id,
           NOT %(needs_evidence)s OR p.kind <> 'new' OR EXISTS (
               SELECT FROM casework_document d
                WHERE d.region_id = p.village_id AND d.kind IN ('minutes', 'statement')
                  AND d.cycle_id IS NOT DISTINCT FROM %(cycle)s::bigint) AS is_evident
      FROM proposals_proposal p
     WHERE p.batch_id = %(batch)s
       AND p.status = 'draft'
       AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS prefix
                    WHERE starts_with(p.village_id, prefix))
       AND (%(villages)s::text[] IS NULL OR p.village_id = ANY(%(villages)s::text[]))
     ORDER BY p.id
       FOR UPDATE OF p
), moved AS (
    UPDATE proposals_proposal p
       SET status = 'submitted', step_by_id = %(by)s, step_at = %(now)s
     WHERE p.id = ANY(ARRAY(SELECT id FROM ready WHERE is_evident)) AND p.status = 'draft'
       AND NOT p.id = ANY(%(held)s::bigint[])
    RETURNING p.id, p.village_id
), noted AS (
    INSERT INTO proposals_decision (proposal_id, village_id, from_status, to_status, by_id, by_name,
                                    at, reason, note, is_undo)
    SELECT id, village_id, 'draft', 'submitted', %(by)s, %(by_name)s, %(now)s, '', %(note)s, false
      FROM moved
)
SELECT (SELECT count(*) FROM moved),
       (SELECT count(*) FROM ready
         WHERE NOT is_evident AND NOT id = ANY(%(held)s::bigint[]))
