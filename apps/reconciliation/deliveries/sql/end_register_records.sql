-- End the records of persons that changed or are no longer active; valid until before this
-- snapshot.
-- Parameters: source, number (of the picture). Tables: picture (as snapshot_register makes it).
-- Result: number of ended records, and how many of them continue in another form.
-- Plan: by rows
WITH ended AS (
    UPDATE reconciliation_record AS r SET until = %(number)s
     WHERE r.source_id = %(source)s AND r.until IS NULL
       AND (EXISTS (SELECT FROM {picture} AS s WHERE s.source_ref = r.source_ref)
            OR NOT EXISTS (SELECT FROM registry_person AS p
                            WHERE p.id = r.source_ref::bigint AND p.status = 'active'))
    RETURNING r.source_ref
)
SELECT count(*), count(s.source_ref) FROM ended AS e LEFT JOIN {picture} AS s USING (source_ref)
