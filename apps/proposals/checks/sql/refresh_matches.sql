-- Replaces stored comparisons with the register. A reviewer's answer about a move is kept if the
-- move is still the same: the same person and family, and no new difference.
-- Parameters: now. Tables: wanted (id), matched (from compare_persons; row_number is the proposal's id).
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
           b.proposal_id IS NULL OR (m.person_id, m.family_id, m.likely, m.differs)
               IS DISTINCT FROM (b.person_id, b.family_id, b.likely::text, b.differs::text[])
               AS is_other,
           coalesce(b.move <> '' AND (m.person_id, m.family_id)
               IS NOT DISTINCT FROM (b.person_id, b.family_id)
               AND ARRAY(SELECT d FROM unnest(m.differs) AS d
                          WHERE d IN ('kk', 'village', 'address', 'location'))
                   <@ b.differs::text[], false) AS keeps_move,
           b.move, b.move_by_id, b.move_by_name, b.move_at
      FROM {matched} AS m
      LEFT JOIN before AS b ON b.proposal_id = m.row_number
), written AS (
    INSERT INTO proposals_registeredmatch AS r (
        proposal_id, village_id, person_id, family_id, likely, differs, registered, move,
        move_by_id, move_by_name, move_at, checked_at)
    SELECT n.row_number, n.village_id, n.person_id, n.family_id, n.likely, n.differs, n.registered,
           CASE WHEN n.keeps_move THEN n.move ELSE '' END,
           CASE WHEN n.keeps_move THEN n.move_by_id END,
           CASE WHEN n.keeps_move THEN n.move_by_name ELSE '' END,
           CASE WHEN n.keeps_move THEN n.move_at END, %(now)s
      FROM now AS n
        ON CONFLICT (proposal_id) DO UPDATE
       SET village_id = excluded.village_id, person_id = excluded.person_id,
           family_id = excluded.family_id, likely = excluded.likely, differs = excluded.differs,
           registered = excluded.registered, move = excluded.move,
           move_by_id = excluded.move_by_id, move_by_name = excluded.move_by_name,
           move_at = excluded.move_at, checked_at = excluded.checked_at
)
SELECT (SELECT count(*) FROM now WHERE is_other) + (SELECT count(*) FROM gone)
