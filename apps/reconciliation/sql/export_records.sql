-- The records of one delivery, as they are compared: what `linkage.COLUMNS` lists, in its order.
-- In: source, number (delivery), since (0: all; else only records newer than that delivery),
--     before (0: all; else only records that stood in that delivery already).
-- Out: id, nik, kk, name_key, mother_key, born (YYYY-MM-DD), sex, village, birth_place; text, '' is
--     nothing.
-- Cost: reads the source's records once.
SELECT id, nik, kk, name_key, mother_key, coalesce(to_char(birth_date, 'YYYY-MM-DD'), ''),
       sex, village_code, upper(btrim(birth_place))
FROM reconciliation_record
WHERE source_id = %(source)s
  AND number <= %(number)s
  AND (until IS NULL OR until > %(number)s)
  AND number > %(since)s
  AND (%(before)s = 0 OR number <= %(before)s)
