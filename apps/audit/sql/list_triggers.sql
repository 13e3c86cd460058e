-- The present triggers on the two tables of the trail.
--
-- Parameters: none. Result: table, trigger, enabled (O or A: fires), function, kind (tgtype bits).
SELECT c.relname::text, t.tgname::text, t.tgenabled::text, t.tgfoid::pg_catalog.regproc::text,
       t.tgtype::int
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::pg_catalog.regnamespace
   AND c.relname IN ('audit_entry', 'audit_seal')
 ORDER BY 1, 2
