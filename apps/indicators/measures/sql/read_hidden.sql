-- Which of some regions are hidden in one of some tables of counts.
-- Parameters: codes, tables. Result: code.
-- Index: the key of the regions; thousands of codes are one parameter, not thousands.
SELECT region_id::text
  FROM indicators_suppressedregion
 WHERE region_id = ANY (%(codes)s::text[]) AND tables::text[] && %(tables)s::text[]
