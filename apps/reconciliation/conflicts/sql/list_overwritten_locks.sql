-- The locked fields that a Change overwrote, with the values before and after.
--
-- Parameters: change; until (locks made later are left out)
-- Result: lock, person, field, before, after
-- Rule: the state that the Change wrote, beside the state before it in the history. A lock that was
--   lifted before the Change was written does not count.
-- Plan: by key
-- Index: registry_personevent (pgh_obj): two look-ups for each lock; there are few locks.
SELECT k.id, k.person_id, k.field, coalesce(before.told ->> n.name, ''),
       coalesce(after.told ->> n.name, '')
  FROM reconciliation_lock k
 CROSS JOIN LATERAL (SELECT CASE k.field WHEN 'village' THEN 'village_id' ELSE k.field END AS name
                    ) AS n
 CROSS JOIN LATERAL (SELECT e.pgh_id, e.pgh_created_at, to_jsonb(e) AS told
                       FROM registry_personevent e
                      WHERE e.pgh_obj_id = k.person_id AND e.change_id = %(change)s
                      ORDER BY e.pgh_id DESC LIMIT 1) AS after
 CROSS JOIN LATERAL (SELECT to_jsonb(e) AS told
                       FROM registry_personevent e
                      WHERE e.pgh_obj_id = k.person_id AND e.pgh_id < after.pgh_id
                      ORDER BY e.pgh_id DESC LIMIT 1) AS before
 WHERE k.at <= %(until)s AND (k.lifted_at IS NULL OR k.lifted_at > after.pgh_created_at)
   AND before.told ->> n.name IS DISTINCT FROM after.told ->> n.name
 ORDER BY k.id
