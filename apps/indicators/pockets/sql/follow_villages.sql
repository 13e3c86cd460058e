-- Hides in the differences what is hidden of the same villages in the edition that they compare. A
-- village of which the register does not say any more whether it is a pocket gets the kind `hidden`,
-- or goes, unless BIG says it is one or a regency was asked about it.
-- Plan: one table
WITH told AS MATERIALIZED (
    SELECT d.id, v.hidden, v.is_pocket IS NULL AS is_unsaid,
           v.is_pocket IS NULL AND d.kind = 'computed' AND d.worklist_id IS NULL AS ends
      FROM indicators_pocketdifference AS d
      JOIN indicators_pocketvillage AS v
           ON v.edition_id = d.computed_id AND v.village_id = d.village_id
     WHERE d.hidden <> v.hidden
), ended AS (
    DELETE FROM indicators_pocketdifference AS d USING told AS t WHERE d.id = t.id AND t.ends
)
UPDATE indicators_pocketdifference AS d
   SET hidden = t.hidden, kind = CASE WHEN t.is_unsaid THEN 'hidden' ELSE d.kind END
  FROM told AS t
 WHERE d.id = t.id AND NOT t.ends
