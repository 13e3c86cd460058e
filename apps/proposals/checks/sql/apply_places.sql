-- Stores the new places that differ from the old ones. The flag of a point shared by many families
-- is kept, because it was counted over the whole batch.
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
    RETURNING n.before, n.verdict
)
SELECT before, verdict, count(*) FROM changed GROUP BY before, verdict ORDER BY before, verdict
