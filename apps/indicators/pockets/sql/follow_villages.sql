-- Hides in the differences what is hidden of the same villages in the edition that they compare.
-- Plan: one table
UPDATE indicators_pocketdifference AS d
   SET hidden = v.hidden
  FROM indicators_pocketvillage AS v
 WHERE v.edition_id = d.computed_id AND v.village_id = d.village_id AND d.hidden <> v.hidden
