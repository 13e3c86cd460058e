-- Stores which columns of the villages of an edition are not shown.
-- Parameters: edition, villages (codes), columns (of each, with commas between them).
-- Plan: by rows
UPDATE indicators_pocketvillage AS v
   SET hidden = string_to_array(h.columns, ',')
  FROM unnest(%(villages)s::text[], %(columns)s::text[]) AS h (code, columns)
 WHERE v.edition_id = %(edition)s AND v.village_id = h.code
