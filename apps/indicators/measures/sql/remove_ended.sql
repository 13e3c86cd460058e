-- Removes the counts of villages that are not in force any more from a month, and the sums of
-- districts, regencies and provinces in which no village is.
-- Parameters: period. `{villages}` has the codes of those in force. Result: rows removed.
-- Plan: one table
WITH removed AS (
    DELETE FROM indicators_regioncount AS r
     WHERE r.period_start = %(period)s AND r.level <> 'country'
       AND NOT EXISTS (
           SELECT FROM (SELECT code FROM {villages}
                        UNION SELECT left(code, 8) FROM {villages}
                        UNION SELECT left(code, 5) FROM {villages}
                        UNION SELECT left(code, 2) FROM {villages}) AS k
            WHERE k.code = r.region_id)
    RETURNING 1
)
SELECT count(*) FROM removed
