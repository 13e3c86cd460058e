-- Set the status of pairs by other thresholds; people's judgements stay. One-to-one comes after it.
-- In: pairing, lower, upper.
-- Out: moved.
-- Plan: by key
-- Cost: one pass, writes what moves.
WITH judged AS (
    SELECT id,
           CASE
               WHEN basis = 'nik' THEN 'linked'
               WHEN basis = 'nik_alone' THEN 'review'
               WHEN weight >= %(upper)s THEN 'linked'
               WHEN weight >= %(lower)s THEN 'review'
               ELSE 'below'
           END AS next
    FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL
      AND status NOT IN ('same', 'not_same', 'unsure')
), moved AS (
    UPDATE reconciliation_pair c SET status = j.next
    FROM judged j WHERE c.id = j.id AND c.status <> j.next
    RETURNING 1
)
SELECT count(*) FROM moved
