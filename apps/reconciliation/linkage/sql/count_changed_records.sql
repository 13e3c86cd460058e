-- How many records of a delivery were not in an earlier one, and how many of the earlier one are
-- gone.
-- In: source, number, since (the earlier delivery).
-- Out: records, fresh, gone.
-- Cost: reads the source's records once.
SELECT count(*) FILTER (WHERE number <= %(number)s AND (until IS NULL OR until > %(number)s)),
       count(*) FILTER (
           WHERE number > %(since)s AND number <= %(number)s
             AND (until IS NULL OR until > %(number)s)
       ),
       count(*) FILTER (WHERE number <= %(since)s AND until > %(since)s AND until <= %(number)s)
FROM reconciliation_record
WHERE source_id = %(source)s
