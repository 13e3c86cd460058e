-- The compared columns of one delivery's records: `linkage.COLUMNS`, in its order.
-- In: source, number (delivery), since (0: all; else only records newer than that delivery),
--     before (0: all; else only records that were in that delivery already).
-- Out: id, nik, kk, name_key, mother_key, born (YYYY-MM-DD), sex, village, birth_place; text, '' is
--     nothing.
-- Days are in ISO format, as on every connection of the portal. DuckDB prepares the texts by
-- column,
-- which would take the database a second for a million texts.
-- Cost: reads the source's records once.
SELECT id, nik, kk, name_key, mother_key, coalesce(birth_date::text, ''),
       sex, village_code, birth_place
FROM reconciliation_record
WHERE source_id = %(source)s
  AND number <= %(number)s
  AND (until IS NULL OR until > %(number)s)
  AND number > %(since)s
  AND (%(before)s = 0 OR number <= %(before)s)
