-- The relations under the two names; expected: ordinary tables of the right owner without rules.
--
-- Parameters: none. Result: name, kind (r = table), owner, number of rules.
SELECT c.relname::text, c.relkind::text, r.rolname::text,
       (SELECT count(*) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
 WHERE c.relnamespace = 'public'::pg_catalog.regnamespace
   AND c.relname IN ('audit_entry', 'audit_seal')
 ORDER BY 1
