-- Purpose: move judgements to the current pair where a run found the pair again; a pair that was
--   shown without weights stays in the blind sample.
-- Parameters: pairing.
-- Records are identified by their numbers at the sources; a pair of one source with itself has the
--   smaller number first.
-- Result: id of each moved judgement.
-- Plan: by rows
-- Index: reconciliation_record_now, reconciliation_pair_left.
WITH ended AS MATERIALIZED (
    SELECT j.id, j.is_blind, j.left_source, j.left_ref, j.right_source, j.right_ref
      FROM reconciliation_judgement j
      JOIN reconciliation_pair old ON old.id = j.pair_id
     WHERE old.pairing_id = %(pairing)s AND old.until IS NOT NULL AND j.undone_at IS NULL
), found AS MATERIALIZED (
    SELECT e.id, e.is_blind, c.id AS pair
      FROM ended e
     CROSS JOIN LATERAL (
           SELECT r.id FROM reconciliation_record r
            WHERE r.source_id = e.left_source AND r.source_ref = e.left_ref AND r.until IS NULL
           OFFSET 0) a
     CROSS JOIN LATERAL (
           SELECT r.id FROM reconciliation_record r
            WHERE r.source_id = e.right_source AND r.source_ref = e.right_ref AND r.until IS NULL
           OFFSET 0) b
     CROSS JOIN LATERAL (
           SELECT c.id FROM reconciliation_pair c
            WHERE c.pairing_id = %(pairing)s AND c.until IS NULL
              AND ((c.left_id = a.id AND c.right_id = b.id)
                   OR (c.left_id = b.id AND c.right_id = a.id))
           OFFSET 0) c
), blind AS (
    UPDATE reconciliation_pair c
       SET is_sample = true
      FROM (SELECT DISTINCT pair FROM found WHERE is_blind) f
     WHERE c.id = f.pair AND NOT c.is_sample
)
UPDATE reconciliation_judgement j
   SET pair_id = f.pair
  FROM found f
 WHERE j.id = f.id
RETURNING j.id
