-- The lists that ask about villages of which only the register said that they are pockets, and of which
-- it does not say so any more: they lose these.
-- Parameters: villages (codes; null: all). Result: the numbers of the lists, rising.
-- Index: indicators_difference_list.
SELECT DISTINCT d.worklist_id
  FROM indicators_pocketdifference AS d
  JOIN indicators_pocketvillage AS v
       ON v.edition_id = d.computed_id AND v.village_id = d.village_id
 WHERE d.worklist_id IS NOT NULL AND d.kind = 'computed' AND v.is_pocket IS NULL
   AND (%(villages)s::text[] IS NULL OR d.village_id = ANY (%(villages)s::text[]))
 ORDER BY d.worklist_id
