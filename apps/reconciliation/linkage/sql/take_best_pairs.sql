-- One round of one-to-one: a pair that is the best of both its records wins, the other pairs of
-- these
-- records lose. Of two equally good pairs of one record none wins, and people decide (`tied`).
-- Table {contested}: pairs that compete, `lot` empty where nothing is decided.
-- Out: decided in this round.
-- Plan: by rows
-- Cost: window over the pairs that are left, fewer in every round.
WITH ranked AS (
    SELECT id, left_id, right_id,
           rank() OVER (PARTITION BY left_id ORDER BY rank DESC, weight DESC) AS of_left,
           rank() OVER (PARTITION BY right_id ORDER BY rank DESC, weight DESC) AS of_right
    FROM {contested} WHERE lot IS NULL
), best AS MATERIALIZED (
    SELECT id, left_id, right_id,
           count(*) OVER (PARTITION BY left_id) AS on_left,
           count(*) OVER (PARTITION BY right_id) AS on_right
    FROM ranked WHERE of_left = 1 AND of_right = 1
), decided AS (
    UPDATE {contested} c
    SET lot = CASE
        WHEN b.id IS NULL THEN 'lost'
        WHEN b.on_left > 1 OR b.on_right > 1 THEN 'tied'
        ELSE 'won'
    END
    FROM {contested} o
    LEFT JOIN best b ON b.id = o.id
    WHERE c.id = o.id AND c.lot IS NULL
      AND (o.left_id IN (SELECT left_id FROM best) OR o.right_id IN (SELECT right_id FROM best))
    RETURNING 1
)
SELECT count(*) FROM decided
