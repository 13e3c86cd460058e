-- End pairs of a pairing: all of them where the model is new, else those with a record that is no
-- longer in the deliveries of this run.
-- In: pairing, run, all (boolean), left_source, left_number, right_source, right_number.
-- Out: ended.
-- Plan: by rows
-- Cost: hash joins over the records that ended. Writes `until` alone.
WITH gone AS MATERIALIZED (
    SELECT id FROM reconciliation_record
    WHERE NOT %(all)s
      AND until IS NOT NULL
      AND ((source_id = %(left_source)s AND until <= %(left_number)s)
           OR (source_id = %(right_source)s AND until <= %(right_number)s))
), ended AS (
    UPDATE reconciliation_pair c
    SET until = %(run)s
    WHERE c.pairing_id = %(pairing)s AND c.until IS NULL AND c.run_id < %(run)s
      AND (%(all)s
           OR c.left_id IN (SELECT id FROM gone)
           OR c.right_id IN (SELECT id FROM gone))
    RETURNING 1
)
SELECT count(*) FROM ended
