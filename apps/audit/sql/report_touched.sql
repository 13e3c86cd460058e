-- What one actor read, revealed, exported or changed in a period, by subject.
--
-- Parameters: actor (`user:12`), since, until; labels (JSON: key in `details` → label of the rows
--   whose ids stand there, e.g. persons → registry.Person).
-- Result: subject (`app.Model:id`, or `app.Model:id#row` for a row of a file), actions, how many
--   entries, the first and last of them; by subject.
-- Index: audit_entry_actor.
WITH acts AS (
  SELECT at, action, subject, details
    FROM public.audit_entry
   WHERE actor = %(actor)s AND at >= %(since)s AND at < %(until)s
), touched AS (
  SELECT at, action, subject FROM acts WHERE subject LIKE '%%:%%'
  UNION ALL
  SELECT a.at, a.action, label.value || ':' || id.value
    FROM acts a
   CROSS JOIN jsonb_each_text(%(labels)s::jsonb) AS label
   CROSS JOIN jsonb_array_elements_text(
     CASE jsonb_typeof(a.details -> label.key) WHEN 'array' THEN a.details -> label.key ELSE '[]' END
   ) AS id
  UNION ALL
  SELECT a.at, a.action, a.subject || '#' || number.value
    FROM acts a
   CROSS JOIN jsonb_array_elements_text(
     CASE jsonb_typeof(a.details -> 'rows') WHEN 'array' THEN a.details -> 'rows' ELSE '[]' END
   ) AS number
)
SELECT subject, array_agg(DISTINCT action ORDER BY action), count(*), min(at), max(at)
  FROM touched
 GROUP BY subject
 ORDER BY subject
