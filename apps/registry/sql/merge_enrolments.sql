-- The open enrolments of persons to be merged: they move to the kept person, unless that person is
-- enrolled in the same programme already; then they close. Of several the oldest one moves.
--
-- Parameters: keeps, drops (bigint[] of one length)
-- Result: id, keep_id, drop_id, programme_id, active_from, village_id (of the kept person),
--         action (move, close)
-- Index: registry_enrolment (person_id) and registry_enrolment_open (OFFSET 0: looked up by key).
WITH pair AS MATERIALIZED (
    SELECT * FROM unnest(%(keeps)s::bigint[], %(drops)s::bigint[]) AS pair (keep_id, drop_id)
)
SELECT e.id, keep_id, drop_id, e.programme_id, e.active_from, k.village_id,
       CASE WHEN EXISTS (SELECT FROM (SELECT programme_id FROM registry_enrolment
                                       WHERE person_id = keep_id AND active_until IS NULL
                                      OFFSET 0) AS own
                          WHERE own.programme_id = e.programme_id)
                 OR row_number() OVER (PARTITION BY keep_id, e.programme_id
                                           ORDER BY e.active_from, e.id) > 1
            THEN 'close' ELSE 'move' END AS action
  FROM pair
 CROSS JOIN LATERAL (SELECT village_id FROM registry_person WHERE id = keep_id OFFSET 0) AS k
 CROSS JOIN LATERAL (SELECT id, programme_id, active_from FROM registry_enrolment
                      WHERE person_id = drop_id AND active_until IS NULL OFFSET 0) AS e
