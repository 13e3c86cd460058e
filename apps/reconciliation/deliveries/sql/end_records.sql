-- End the records that a delivery no longer contains, or contains in another form.
-- Parameters: source, number (of the delivery). Tables: rows (its records).
-- Result: number of ended records, and how many of them the delivery contains in another form.
-- Plan: by rows
-- Index: reconciliation_record_now (source, source_ref).
WITH ended AS (
    UPDATE reconciliation_record AS r SET until = %(number)s
     WHERE r.source_id = %(source)s AND r.until IS NULL AND r.number < %(number)s
       AND NOT EXISTS (SELECT FROM {rows} AS s
                        WHERE s.source_ref = r.source_ref AND s.digest = r.digest)
    RETURNING r.source_ref
)
SELECT count(*), count(s.source_ref)
  FROM ended AS e LEFT JOIN {rows} AS s USING (source_ref)
