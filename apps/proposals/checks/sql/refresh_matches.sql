-- Replaces stored comparisons with the register. A reviewer's answer about a move is kept if the
-- move is still the same: the same person and family, and no new difference.
-- Parameters: now. Tables: wanted (id), matched (from compare_persons; row_number is the proposal's id).
-- `conflicts`: what the register changed meanwhile of a correction's fields, or of what a removal ends.
-- Result: the number of comparisons that changed.
-- Index: proposals_registeredmatch's primary key, by a list of ids.
-- Plan: by rows
WITH gone AS (
    DELETE FROM proposals_registeredmatch AS r
     WHERE r.proposal_id = ANY(ARRAY(SELECT id FROM {wanted}))
       AND NOT EXISTS (SELECT FROM {matched} AS m WHERE m.row_number = r.proposal_id)
    RETURNING 1
), before AS MATERIALIZED (
    SELECT r.* FROM proposals_registeredmatch AS r
     WHERE r.proposal_id = ANY(ARRAY(SELECT row_number FROM {matched}))
), now AS (
    SELECT m.row_number, m.village_id, m.person_id, m.family_id, m.likely, m.differs, m.registered,
           c.conflicts,
           b.proposal_id IS NULL
           OR (m.person_id, m.family_id, m.likely, m.differs, c.conflicts) IS DISTINCT FROM
              (b.person_id, b.family_id, b.likely::text, b.differs::text[], b.conflicts::text[])
               AS is_other,
           coalesce(b.move <> '' AND (m.person_id, m.family_id)
               IS NOT DISTINCT FROM (b.person_id, b.family_id)
               AND ARRAY(SELECT d FROM unnest(m.differs) AS d
                          WHERE d IN ('kk', 'village', 'address', 'location'))
                   <@ b.differs::text[], false) AS keeps_move,
           b.move, b.move_by_id, b.move_by_name, b.move_at
      FROM {matched} AS m
      LEFT JOIN before AS b ON b.proposal_id = m.row_number
      LEFT JOIN LATERAL (
           SELECT kind, ends, programme_id, person_id, changes FROM proposals_proposal
            WHERE id = m.row_number AND m.kind <> 'new' OFFSET 0) AS p ON true
     CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
               CASE WHEN p.person_id <> m.person_id THEN 'person' END,
               CASE WHEN p.ends = 'enrolment' AND NOT EXISTS (
                        SELECT FROM registry_enrolment AS e
                         WHERE e.person_id = m.person_id AND e.programme_id = p.programme_id
                           AND e.active_until IS NULL)
                    THEN 'programme' END], NULL)
           || ARRAY(
               SELECT f.key
                 FROM (SELECT registry_values(m.person_id) AS held
                        WHERE p.kind = 'correction' AND m.person_id IS NOT NULL) AS v,
                      jsonb_each(p.changes) AS f
                WHERE registry_plain(f.key, v.held ->> f.key) NOT IN (
                          registry_plain(f.key, f.value ->> 0),
                          registry_plain(f.key, f.value ->> 1))
                ORDER BY f.key) AS conflicts) AS c
), written AS (
    INSERT INTO proposals_registeredmatch AS r (
        proposal_id, village_id, person_id, family_id, likely, differs, registered, conflicts, move,
        move_by_id, move_by_name, move_at, checked_at)
    SELECT n.row_number, n.village_id, n.person_id, n.family_id, n.likely, n.differs, n.registered,
           n.conflicts,
           CASE WHEN n.keeps_move THEN n.move ELSE '' END,
           CASE WHEN n.keeps_move THEN n.move_by_id END,
           CASE WHEN n.keeps_move THEN n.move_by_name ELSE '' END,
           CASE WHEN n.keeps_move THEN n.move_at END, %(now)s
      FROM now AS n
        ON CONFLICT (proposal_id) DO UPDATE
       SET village_id = excluded.village_id, person_id = excluded.person_id,
           family_id = excluded.family_id, likely = excluded.likely, differs = excluded.differs,
           registered = excluded.registered, conflicts = excluded.conflicts, move = excluded.move,
           move_by_id = excluded.move_by_id, move_by_name = excluded.move_by_name,
           move_at = excluded.move_at, checked_at = excluded.checked_at
)
SELECT (SELECT count(*) FROM now WHERE is_other) + (SELECT count(*) FROM gone)
