-- Purpose: one row for each question; locked fields are not asked about.
-- A person with one value in two records is asked about once, by the first pair. For fields that
-- are
-- taken over without a question, only uncertain pairs raise questions.
-- Parameters: automatic (text[]: fields). Tables: found. Result: how many went.
-- Plan: by rows
WITH gone AS (
    DELETE FROM {found} f
     USING (SELECT o.ctid AS place,
                   row_number() OVER (PARTITION BY o.kind, o.person_id, o.field, o.theirs,
                                      CASE WHEN o.person_id IS NULL THEN o.record_id END
                                      ORDER BY o.pair_id, o.record_id, o.claim_id) AS nth,
                   EXISTS (SELECT FROM reconciliation_lock k
                            WHERE k.person_id = o.person_id AND k.field = o.field
                              AND k.lifted_at IS NULL)
                   OR (o.field = ANY(%(automatic)s::text[])
                       AND EXISTS (SELECT FROM reconciliation_pair c
                                    WHERE c.id = o.pair_id
                                      AND (c.basis = 'nik' OR c.status = 'same'))) AS is_locked
              FROM {found} o) AS n
     WHERE f.ctid = n.place AND (n.nth > 1 OR n.is_locked)
    RETURNING 1
)
SELECT count(*) FROM gone
