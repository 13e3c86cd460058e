-- The findings of removals and corrections against the register, and of new rows about a person who
-- was removed as deceased.
-- Parameters: scope (the prefix of the sender's region).
-- Tables: tidy (from tidy_rows), requests (from stage_requests), findings (gets rows).
-- What is said of a removed person's reason stays inside the sender's region.
-- Index: registry_person_ended.
INSERT INTO {findings} (row_number, code, field, params)
SELECT q.row_number, f.code, CASE f.code WHEN 'missing' THEN 'birth_date' ELSE '' END,
       CASE f.code
           WHEN 'not_enrolled' THEN jsonb_build_object('programme', t.programme_id)
           ELSE '{{}}' END
  FROM {requests} AS q
  JOIN {tidy} AS t USING (row_number)
 CROSS JOIN LATERAL unnest(array_remove(ARRAY[
       CASE WHEN NOT starts_with(q.village_id, %(scope)s) THEN 'registered_outside_scope' END,
       CASE WHEN q.kind = 'correction' AND q.changes = '{{}}' THEN 'nothing_changes' END,
       CASE WHEN q.kind = 'correction' AND q.held ->> 'kk' IS NULL AND t.kk IS NULL
             AND q.changes ?| ARRAY['village', 'address', 'rt', 'rw', 'location']
            THEN 'card_needed' END,
       CASE WHEN q.kind = 'removal' AND NOT q.is_enrolled THEN 'not_enrolled' END,
       -- a person without a day of birth in the register
       CASE WHEN t.birth_written IS NULL AND q.held ->> 'birth_date' IS NULL THEN 'missing' END
       ], NULL)) AS f (code)
UNION ALL
SELECT t.row_number, CASE WHEN gone.id IS NULL THEN 'not_registered' ELSE 'removed_already' END, '',
       CASE WHEN gone.id IS NULL THEN '{{}}'
            ELSE jsonb_strip_nulls(jsonb_build_object(
                'reason', nullif(gone.end_reason, ''), 'date', gone.end_date)) END
  FROM {tidy} AS t
  LEFT JOIN LATERAL (
       SELECT id, end_reason, end_date FROM registry_person
        WHERE nik = t.nik AND status = 'removed' AND starts_with(village_id, %(scope)s)
        ORDER BY id DESC LIMIT 1) AS gone ON true
 WHERE t.kind IN ('correction', 'removal') AND t.nik_form <> 'odd'
   AND NOT EXISTS (SELECT FROM {requests} AS q WHERE q.row_number = t.row_number)
UNION ALL
SELECT t.row_number, 'died_before', '', '{{}}'
  FROM {tidy} AS t
 WHERE t.kind = 'new' AND t.nik_form <> 'odd'
   AND t.nik IN (SELECT nik FROM registry_person
                  WHERE status = 'removed' AND end_reason = 'deceased')
