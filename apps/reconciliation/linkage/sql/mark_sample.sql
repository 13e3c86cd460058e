-- The blind sample: a share of the pairs to be reviewed, and some hundred each of the linked and of
-- the unlinked ones. They are chosen by a hash of the two records' numbers at their sources, so
-- that
-- the same pair is chosen in every run.
-- In: pairing, run, percent (0 to 100), each (how many linked, and how many below).
-- Out: marked.
-- Plan: by key
-- Cost: only pairs that this run found.
WITH fresh AS (
    SELECT c.id, c.status,
           ('x' || substr(md5(l.source_ref || '|' || r.source_ref), 1, 8))::bit(32)::bigint AS lot
    FROM reconciliation_pair c
    JOIN reconciliation_record l ON l.id = c.left_id
    JOIN reconciliation_record r ON r.id = c.right_id
    WHERE c.pairing_id = %(pairing)s AND c.until IS NULL AND c.run_id = %(run)s
      AND %(percent)s > 0
      AND (c.status = 'review' OR (c.id %% 1000000000 * 2654435761 %% 1000) < 20)
), chosen AS (
    SELECT id FROM fresh WHERE status = 'review' AND lot %% 100 < %(percent)s
    UNION ALL
    (SELECT id FROM fresh WHERE status = 'linked' ORDER BY lot LIMIT %(each)s)
    UNION ALL
    (SELECT id FROM fresh WHERE status = 'below' ORDER BY lot LIMIT %(each)s)
), marked AS (
    UPDATE reconciliation_pair c SET is_sample = true
    FROM chosen WHERE c.id = chosen.id
    RETURNING 1
)
SELECT count(*) FROM marked
