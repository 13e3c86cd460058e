-- The columns that editions of ours hide, by village.
-- Parameters: editions (that count the same programmes), counted (the column that is the same number
--   only in these). Result: village, columns.
-- Cost: one pass over the hidden rows of all editions; the database adds up, not Python.
SELECT v.village_id::text, array_agg(DISTINCT h.name)
  FROM indicators_pocketvillage AS v
 CROSS JOIN LATERAL unnest(v.hidden::text[]) AS h (name)
 WHERE h.name <> %(counted)s OR v.edition_id = ANY (%(editions)s::bigint[])
 GROUP BY v.village_id
