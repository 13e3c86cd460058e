-- Purpose: the enrolments that a Change wrote and no other Change wrote since, with the event of
--   their state before it (NULL: it opened them).
--
-- Parameters: wrong (the Change)
-- Result: id, before (pgh_id), person_id, programme_id, village_id, until (of
--   today), old_until
-- Index: registry_enrolmentevent (change; pgh_obj); registry_enrolment's primary key (OFFSET 0).
-- Plan: by rows
SELECT a.id, b.pgh_id AS before, e.person_id, e.programme_id, e.village_id,
       e.active_until AS until, b.active_until AS old_until
  FROM (SELECT pgh_obj_id AS id, min(pgh_id) AS first
          FROM registry_enrolmentevent WHERE change_id = %(wrong)s GROUP BY pgh_obj_id) AS a
  LEFT JOIN LATERAL (SELECT pgh_id, active_until FROM registry_enrolmentevent
                      WHERE pgh_obj_id = a.id AND pgh_id < a.first
                      ORDER BY pgh_id DESC LIMIT 1) AS b ON true
 CROSS JOIN LATERAL (SELECT person_id, programme_id, village_id, active_until, change_id
                      FROM registry_enrolment
                      WHERE id = a.id OFFSET 0) AS e
 WHERE e.change_id = %(wrong)s
