-- Changes since a merge that prevent or limit its undoing.
--
-- Parameters: change (the merge's), keeps (bigint[]: the kept persons in question)
-- Result: keep_id, person_id, code, detail, is_blocking
-- Codes: merged_on (the kept person was merged into another), nik_taken, kk_taken (another person
-- or
--        family now has a number of the dropped person): nothing of that person is undone.
--        field_changed, enrolment_changed: this value stays as it is now.
-- Index: registry_personevent (change; pgh_obj), registry_person_nik, registry_family_kk (OFFSET 0).
WITH touched AS MATERIALIZED (
    SELECT pgh_obj_id AS id, min(pgh_id) AS first, max(pgh_id) AS last
      FROM registry_personevent WHERE change_id = %(change)s GROUP BY pgh_obj_id
), person AS MATERIALIZED (
    SELECT t.id, coalesce(a.merged_into_id, t.id) AS keep_id, b.status AS old_status,
           to_jsonb(a) AS after, to_jsonb(b) AS before, to_jsonb(p) AS now,
           p.status, p.merged_into_id, p.nik, p.is_nik_disputed, p.family_id
      FROM touched t
     CROSS JOIN LATERAL (SELECT * FROM registry_personevent WHERE pgh_id = t.last OFFSET 0) AS a
     CROSS JOIN LATERAL (SELECT * FROM registry_personevent
                          WHERE pgh_obj_id = t.id AND pgh_id < t.first
                          ORDER BY pgh_id DESC LIMIT 1) AS b
     CROSS JOIN LATERAL (SELECT * FROM registry_person WHERE id = t.id OFFSET 0) AS p
     WHERE coalesce(a.merged_into_id, t.id) = ANY(%(keeps)s::bigint[])
), field AS (
    SELECT keep_id, id, key, now ->> key IS NOT DISTINCT FROM after ->> key AS is_untouched
      FROM person CROSS JOIN LATERAL unnest(ARRAY[
               'nik', 'title', 'birth_place', 'birth_date', 'sex', 'mother_name', 'relation',
               'occupation', 'marital_status', 'disability_kind', 'ppks']) AS key
     WHERE id = keep_id AND before ->> key IS DISTINCT FROM after ->> key
), enrolment AS (
    SELECT a.person_id, b.person_id AS old_person_id, a.programme_id,
           (n.person_id, n.active_until) IS NOT DISTINCT FROM
           (a.person_id, a.active_until) AS is_untouched
      FROM registry_enrolmentevent a
     CROSS JOIN LATERAL (SELECT * FROM registry_enrolmentevent
                          WHERE pgh_obj_id = a.pgh_obj_id AND pgh_id < a.pgh_id
                          ORDER BY pgh_id DESC LIMIT 1) AS b
     CROSS JOIN LATERAL (SELECT * FROM registry_enrolment WHERE id = a.pgh_obj_id OFFSET 0) AS n
     WHERE a.change_id = %(change)s
)
SELECT keep_id, id AS person_id, 'merged_on' AS code, merged_into_id::text AS detail, true
  FROM person
 WHERE old_status = 'active' AND status = 'merged'
   AND merged_into_id <> (after ->> 'merged_into_id')::bigint
 UNION ALL
SELECT person.keep_id, person.id, 'nik_taken', o.id::text, true
  FROM person
 CROSS JOIN LATERAL (SELECT id FROM registry_person x
                      WHERE x.nik = person.nik AND x.status = 'active' AND NOT x.is_nik_disputed
                     OFFSET 0) AS o
 WHERE old_status = 'active' AND status = 'merged' AND NOT is_nik_disputed
   AND NOT EXISTS (SELECT FROM field f  -- of the kept person, who returns it
                    WHERE f.id = o.id AND f.key = 'nik' AND f.is_untouched)
 UNION ALL
SELECT person.keep_id, person.id, 'kk_taken', '', true
  FROM person
 CROSS JOIN LATERAL (SELECT kk, is_active FROM registry_family WHERE id = family_id OFFSET 0) AS f
 WHERE old_status = 'active' AND status = 'merged' AND NOT f.is_active
   AND EXISTS (SELECT FROM (SELECT id FROM registry_family x
                             WHERE x.kk = f.kk AND x.is_active OFFSET 0) AS other)
 UNION ALL
SELECT keep_id, id, 'field_changed', key, false FROM field
 WHERE NOT is_untouched
   AND EXISTS (SELECT FROM person d WHERE d.keep_id = field.keep_id AND d.status = 'merged')
 UNION ALL
SELECT d.keep_id, d.id, 'enrolment_changed', e.programme_id, false
  FROM enrolment e
  JOIN person d ON d.id = e.old_person_id AND d.old_status = 'active' AND d.status = 'merged'
 WHERE NOT e.is_untouched
 ORDER BY 1, 2, 3, 4
