-- Hides in the differences what is hidden of the same villages in the edition that they compare. Of a
-- village of which the register does not say any more whether it is a pocket: where BIG says that it is
-- one, its kind is `hidden`. Where only the register said so, the row goes; one that a regency was asked
-- about or that has an answer is kept as `ended`, which no reader shows and which is on no list.
-- Parameters: villages (codes; null: all).
-- Index: indicators_difference_ours.
-- Plan: by key
WITH told AS MATERIALIZED (
    SELECT d.id, v.hidden, v.is_pocket IS NULL AS is_unsaid,
           v.is_pocket IS NULL AND d.kind = 'computed' AS ends,
           d.worklist_id IS NULL AND d.answer = '' AS is_unasked
      FROM indicators_pocketvillage AS v
      JOIN indicators_pocketdifference AS d
           ON d.computed_id = v.edition_id AND d.village_id = v.village_id
     WHERE d.hidden <> v.hidden
       AND (%(villages)s::text[] IS NULL OR d.village_id = ANY (%(villages)s::text[]))
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
