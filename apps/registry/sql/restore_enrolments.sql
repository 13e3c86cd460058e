-- Restore the enrolments that a merge moved or closed and that have not changed since.
--
-- Parameters: merged (the merge's Change), change (of the undoing). Tables: undone
-- Result: how many
-- Index: registry_enrolmentevent (change; pgh_obj); primary keys by lists of keys.
-- Plan: by rows
WITH moved AS MATERIALIZED (
    SELECT a.pgh_obj_id AS id, a.person_id AS new_person_id, a.active_until AS new_until,
           b.person_id, b.active_until
      FROM registry_enrolmentevent a
     CROSS JOIN LATERAL (SELECT person_id, active_until FROM registry_enrolmentevent
                          WHERE pgh_obj_id = a.pgh_obj_id AND pgh_id < a.pgh_id
                          ORDER BY pgh_id DESC LIMIT 1) AS b
     WHERE a.change_id = %(merged)s
), back AS (
    UPDATE registry_enrolment e
       SET person_id = m.person_id, active_until = m.active_until, village_id = p.village_id,
           change_id = %(change)s
      FROM moved m
     CROSS JOIN LATERAL (SELECT village_id FROM registry_person
                          WHERE id = m.person_id OFFSET 0) AS p
     WHERE e.id = ANY(ARRAY(SELECT id FROM moved)) AND e.id = m.id
       AND m.person_id = ANY(ARRAY(SELECT id FROM {undone} WHERE old_status = 'active'))
       AND (e.person_id, e.active_until) IS NOT DISTINCT FROM (m.new_person_id, m.new_until)
    RETURNING 1
)
SELECT count(*) FROM back
