-- The functions of the trail: their owners, settings and bodies.
--
-- Parameters: none. Result: name, owner, runs as its owner, settings, sha256 of the body.
SELECT p.proname::text, r.rolname::text, p.prosecdef,
       pg_catalog.array_to_string(p.proconfig, ';'),
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex')
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
 WHERE p.pronamespace = 'public'::pg_catalog.regnamespace AND p.proname LIKE 'audit\_%%'
 ORDER BY 1
