-- Purpose: the differences that reverting a Change makes, a row for each person, family and enrolment
--   that it wrote: what becomes of it, or why it stays, and which fields get which former value.
--
-- Tables: person, family, enrolment
-- Result: what (person, family, enrolment), id, village_id, act (remove, end, restore, reopen or
--   stay), obstacle, fields (jsonb: field → [now, then])
-- Index: primary keys of the register's tables and their events (OFFSET 0).
-- Plan: one table
SELECT 'person' AS what, s.id, p.now ->> 'village_id' AS village_id,
       CASE WHEN s.obstacle <> '' THEN 'stay' WHEN s.before IS NULL THEN 'remove'
            WHEN s.old_status = 'active' AND s.status <> 'active' THEN 'reopen'
            ELSE 'restore' END AS act,
       s.obstacle, d.fields
  FROM {person} s
 CROSS JOIN LATERAL (SELECT to_jsonb(r) AS now FROM registry_person r
                      WHERE r.id = s.id OFFSET 0) AS p
  LEFT JOIN LATERAL (SELECT to_jsonb(e) AS old FROM registry_personevent e
                      WHERE e.pgh_id = s.before OFFSET 0) AS b ON true
 CROSS JOIN LATERAL (SELECT jsonb_object_agg(n.key, jsonb_build_array(n.value, b.old -> n.key))
                            AS fields
                       FROM jsonb_each(p.now) AS n
                      WHERE n.key NOT IN ('id', 'change_id', 'origins')
                        AND n.value IS DISTINCT FROM b.old -> n.key AND b.old IS NOT NULL) AS d
 UNION ALL
SELECT 'family', s.id, p.now ->> 'village_id',
       CASE WHEN s.obstacle <> '' THEN 'stay' WHEN s.before IS NULL THEN 'end'
            WHEN s.old_is_active AND NOT s.is_active THEN 'reopen' ELSE 'restore' END,
       s.obstacle, d.fields
  FROM {family} s
 CROSS JOIN LATERAL (SELECT to_jsonb(r) AS now FROM registry_family r
                      WHERE r.id = s.id OFFSET 0) AS p
  LEFT JOIN LATERAL (SELECT to_jsonb(e) AS old FROM registry_familyevent e
                      WHERE e.pgh_id = s.before OFFSET 0) AS b ON true
 CROSS JOIN LATERAL (SELECT jsonb_object_agg(n.key, jsonb_build_array(n.value, b.old -> n.key))
                            AS fields
                       FROM jsonb_each(p.now) AS n
                      WHERE n.key NOT IN ('id', 'change_id')
                        AND n.value IS DISTINCT FROM b.old -> n.key AND b.old IS NOT NULL) AS d
 UNION ALL
SELECT 'enrolment', s.id, s.village_id,
       CASE WHEN s.before IS NULL THEN 'end'
            WHEN s.old_until IS NULL AND s.until IS NOT NULL THEN 'reopen' ELSE 'restore' END,
       '', jsonb_build_object('programme_id', jsonb_build_array(s.programme_id, s.programme_id))
  FROM {enrolment} s
 ORDER BY 1, 2
