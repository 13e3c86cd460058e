-- Write the results of one-to-one into the pairs' status; people's judgements stay.
-- In: lower, upper. Table {contested}.
-- Out: moved.
-- Plan: by key
-- Cost: by key.
WITH moved AS (
    UPDATE reconciliation_pair c
    SET status = t.next
    FROM (
        SELECT o.id,
               CASE
                   WHEN o.lot = 'lost' THEN 'displaced'
                   WHEN o.lot = 'tied' THEN 'review'
                   WHEN p.basis = 'nik' OR p.weight >= %(upper)s THEN 'linked'
                   ELSE 'review'
               END AS next
        FROM {contested} o
        JOIN reconciliation_pair p ON p.id = o.id
        WHERE o.status <> 'same'
    ) t
    WHERE c.id = t.id AND c.status <> t.next
    RETURNING 1
)
SELECT count(*) FROM moved
