-- The gaps that a merge filled, where they still hold the filled value.
--
-- Parameters: change (the merge's). Tables: undone, emptied (made here)
-- Result: table emptied = id (the kept person's), fields (text[])
-- Index: registry_personevent (change; pgh_obj); registry_person's primary key (OFFSET 0).
-- Plan: by rows
CREATE UNLOGGED TABLE {emptied} AS
SELECT t.id, array_agg(key) AS fields
  FROM (SELECT pgh_obj_id AS id, min(pgh_id) AS first, max(pgh_id) AS last
          FROM registry_personevent
         WHERE change_id = %(change)s AND status <> 'merged'
           AND pgh_obj_id = ANY(ARRAY(SELECT keep_id FROM {undone}))
         GROUP BY pgh_obj_id) AS t
 CROSS JOIN LATERAL (SELECT to_jsonb(e) AS row FROM registry_personevent e
                      WHERE e.pgh_id = t.last OFFSET 0) AS a
 CROSS JOIN LATERAL (SELECT to_jsonb(e) AS row FROM registry_personevent e
                      WHERE e.pgh_obj_id = t.id AND e.pgh_id < t.first
                      ORDER BY e.pgh_id DESC LIMIT 1) AS b
 CROSS JOIN LATERAL (SELECT to_jsonb(p) AS row FROM registry_person p
                      WHERE p.id = t.id OFFSET 0) AS p
 CROSS JOIN LATERAL unnest(ARRAY[
           'nik', 'title', 'birth_place', 'birth_date', 'sex', 'mother_name', 'relation',
           'occupation', 'marital_status', 'disability_kind', 'ppks']) AS key
 WHERE b.row ->> key IS DISTINCT FROM a.row ->> key
   AND p.row ->> key IS NOT DISTINCT FROM a.row ->> key
 GROUP BY t.id
