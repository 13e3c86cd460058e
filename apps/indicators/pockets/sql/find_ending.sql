-- The lists that ask about villages of which only the register said that they are pockets, and of which
-- it does not say so any more: they lose these.
-- Parameters: editions, villages (of the same length: the villages that changed, each with its edition).
-- Result: the numbers of the lists, rising.
-- Indexes: indicators_difference_ours, indicators_pocket_village_once; OFFSET 0 keeps look-ups by key.
SELECT DISTINCT d.worklist_id
  FROM unnest(%(editions)s::bigint[], %(villages)s::text[]) AS u (edition_id, code)
 CROSS JOIN LATERAL (
       SELECT worklist_id, kind FROM indicators_pocketdifference
        WHERE computed_id = u.edition_id AND village_id = u.code OFFSET 0) AS d
 CROSS JOIN LATERAL (
       SELECT is_pocket FROM indicators_pocketvillage
        WHERE edition_id = u.edition_id AND village_id = u.code OFFSET 0) AS v
 WHERE d.worklist_id IS NOT NULL AND d.kind = 'computed' AND v.is_pocket IS NULL
 ORDER BY d.worklist_id
