-- Purpose: bring enrolments back to their state before a reverted Change: those that it closed are
--   open again where the person is active and has none of this programme, those that it moved are in
--   the person's village of today.
--
-- Parameters: change (of the reverting). Tables: enrolment
-- Result: brought back, left (the person is not active, or enrolled anew)
-- Index: the primary keys of registry_enrolment, registry_enrolmentevent and registry_person by lists
--   of keys, registry_enrolment_open.
-- Plan: by rows
WITH chosen AS MATERIALIZED (
    SELECT s.id, b.active_from, b.active_until, b.end_reason,
           CASE WHEN b.active_until IS NULL THEN p.village_id ELSE b.village_id END AS village_id
      FROM {enrolment} s
     CROSS JOIN LATERAL (SELECT * FROM registry_enrolmentevent
                          WHERE pgh_id = s.before OFFSET 0) AS b
     CROSS JOIN LATERAL (SELECT village_id, status FROM registry_person
                          WHERE id = s.person_id OFFSET 0) AS p
     WHERE b.active_until IS NOT NULL
        OR p.status = 'active'
       AND NOT EXISTS (SELECT FROM (SELECT o.id, o.programme_id FROM registry_enrolment o
                                     WHERE o.person_id = s.person_id AND o.active_until IS NULL
                                    OFFSET 0) AS o
                        WHERE o.programme_id = s.programme_id AND o.id <> s.id)
), reverted AS (
    UPDATE registry_enrolment e
       SET active_from = c.active_from, active_until = c.active_until, end_reason = c.end_reason,
           village_id = c.village_id, change_id = %(change)s
      FROM chosen c
     WHERE e.id = ANY(ARRAY(SELECT id FROM chosen)) AND e.id = c.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM reverted),
       (SELECT count(*) FROM {enrolment} WHERE before IS NOT NULL) - (SELECT count(*) FROM chosen)
