-- Take a delivery back: delete its records; those that it ended are current again.
-- Parameters: source, number (of the delivery), first and last (of its records' ids), partition_first and
-- partition_last (of those on its partition).
-- Result: number of deleted records, number of records that are current again.
-- Plan: by rows
-- Index: the primary key for the deleted ones; the others are found in one pass over the records.
WITH gone AS (
    DELETE FROM reconciliation_record
     WHERE (id BETWEEN %(first)s AND %(last)s OR id BETWEEN %(partition_first)s AND %(partition_last)s)
       AND source_id = %(source)s AND number = %(number)s
    RETURNING 1
), again AS (
    UPDATE reconciliation_record SET until = NULL
     WHERE source_id = %(source)s AND until = %(number)s AND number < %(number)s
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM again)
