-- Records of persons that changed, or that are no longer active, hold until before this picture.
-- Parameters: source, number (of the picture). Tables: picture (as snapshot_register makes it).
-- Result: how many ended, and how many of them go on differently.
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
