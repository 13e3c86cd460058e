-- Stores which columns of the villages of an edition of ours are not shown. Where the counted families
-- are among them it is not said either whether the village is a pocket.
-- Parameters: edition, villages (codes), columns (of each, with commas between them).
-- Plan: by rows
UPDATE indicators_pocketvillage AS v
   SET hidden = string_to_array(h.columns, ','),
       is_pocket = CASE WHEN string_to_array(h.columns, ',') && ARRAY['families', 'counted'] THEN NULL
                        ELSE v.is_pocket END
  FROM unnest(%(villages)s::text[], %(columns)s::text[]) AS h (code, columns)
 WHERE v.edition_id = %(edition)s AND v.village_id = h.code
