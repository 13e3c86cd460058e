-- How often one actor did each act in a period, and from which address.
--
-- Parameters: actor (`user:12`), since, until.
-- Result: action, address (text, empty where none is known), how many entries, rows that left in
--   files by them, the first and last; by action and address.
-- Index: audit_entry_actor.
SELECT action,
       coalesce(host(address), ''),
       count(*),
       coalesce(sum((details ->> 'rows')::bigint)
                  FILTER (WHERE action = 'export' AND jsonb_typeof(details -> 'rows') = 'number'), 0),
       min(at),
       max(at)
  FROM public.audit_entry
 WHERE actor = %(actor)s AND at >= %(since)s AND at < %(until)s
 GROUP BY 1, 2
 ORDER BY 1, 2
