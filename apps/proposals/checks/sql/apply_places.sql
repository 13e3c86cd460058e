-- Stores the new places that differ from the old ones, and an entry for each verdict that another
-- edition changed. The flag of a point shared by many families
-- is kept, because it was counted over the whole batch.
-- Parameters: edition (the id of the one that came into force), at.
-- Tables: placed (from place_points). Result: former verdict, present verdict, proposals changed.
-- Index: proposals_proposal's primary key, by a list of ids.
-- Plan: by rows
WITH changed AS (
    UPDATE proposals_proposal AS p
       SET verdict = n.verdict, distance_m = n.distance_m, edition_id = n.edition_id,
           actual_village_id = n.actual_village_id, flags = n.flags
      FROM (SELECT q.id, q.verdict AS before, n.verdict, n.distance_m, n.edition_id,
                   n.actual_village_id,
                   (CASE WHEN 'shared_point' = ANY (q.flags)
                         THEN array_append(n.flags, 'shared_point'::varchar) ELSE n.flags END)
                       ::varchar(12)[] AS flags
              FROM {placed} AS n JOIN proposals_proposal AS q ON q.id = n.row_number
             WHERE q.id = ANY(ARRAY(SELECT row_number FROM {placed}))) AS n
     WHERE p.id = ANY(ARRAY(SELECT row_number FROM {placed})) AND p.id = n.id
       AND (p.verdict, p.distance_m, p.edition_id, p.actual_village_id)
           IS DISTINCT FROM (n.verdict, n.distance_m, n.edition_id, n.actual_village_id)
    RETURNING p.id, p.village_id, n.before, n.verdict
), noted AS (
    INSERT INTO proposals_verdictchange
           (proposal_id, village_id, edition_id, from_verdict, to_verdict, at)
    SELECT id, village_id, %(edition)s, before, verdict, %(at)s FROM changed
     WHERE before <> verdict
)
SELECT before, verdict, count(*) FROM changed GROUP BY before, verdict ORDER BY before, verdict
