-- Insert the new or changed rows of a delivery; after end_records. Result: number of rows.
-- Parameters: source, number (of the delivery). Tables: rows (its records).
-- Plan: by rows
-- Index: reconciliation_record_now (source, source_ref).
WITH inserted AS (
    INSERT INTO reconciliation_record
    SELECT s.* FROM {rows} AS s
     WHERE NOT EXISTS (SELECT FROM reconciliation_record AS r
                        WHERE r.source_id = %(source)s AND r.until IS NULL
                          AND r.number < %(number)s AND r.source_ref = s.source_ref)
    RETURNING 1
)
SELECT count(*) FROM inserted
