-- Hides in the differences what is hidden of the same villages in the edition that they compare. Of a
-- village of which the register does not say any more whether it is a pocket: where BIG says that it is
-- one, its kind is `hidden`. Where only the register said so, the row goes; one that a regency was asked
-- about or that has an answer is kept as `ended`, which no reader shows and which is on no list.
-- Parameters: editions, villages (of the same length: the villages that changed, each with its edition).
-- Indexes: indicators_difference_ours, indicators_pocket_village_once; OFFSET 0 keeps look-ups by key.
-- Plan: by key
WITH told AS MATERIALIZED (
    SELECT d.id, v.hidden, v.is_pocket IS NULL AS is_unsaid,
           v.is_pocket IS NULL AND d.kind = 'computed' AS ends,
           d.worklist_id IS NULL AND d.answer = '' AS is_unasked
      FROM unnest(%(editions)s::bigint[], %(villages)s::text[]) AS u (edition_id, code)
     CROSS JOIN LATERAL (
           SELECT id, kind, hidden, worklist_id, answer FROM indicators_pocketdifference
            WHERE computed_id = u.edition_id AND village_id = u.code OFFSET 0) AS d
     CROSS JOIN LATERAL (
           SELECT hidden, is_pocket FROM indicators_pocketvillage
            WHERE edition_id = u.edition_id AND village_id = u.code OFFSET 0) AS v
     WHERE d.hidden <> v.hidden
), removed AS (
    DELETE FROM indicators_pocketdifference AS d USING told AS t
     WHERE d.id = t.id AND t.ends AND t.is_unasked
)
UPDATE indicators_pocketdifference AS d
   SET hidden = t.hidden,
       kind = CASE WHEN t.ends THEN 'ended'
                   WHEN t.is_unsaid AND d.kind <> 'ended' THEN 'hidden' ELSE d.kind END,
       worklist_id = CASE WHEN t.ends THEN NULL ELSE d.worklist_id END
  FROM told AS t
 WHERE d.id = t.id AND NOT (t.ends AND t.is_unasked)
