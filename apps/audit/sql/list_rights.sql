-- Every right of the portal's two roles on the trail beyond reading and adding.
--
-- Parameters: none. Result: role, what it may do though it must not.
WITH roles (name) AS (VALUES ('portal_web'), ('portal_worker')),
forbidden (tab, right_name) AS (
    SELECT 'audit_entry', unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'])
    UNION ALL
    SELECT 'audit_seal',
           unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']))
SELECT r.name, f.right_name || ' ' || f.tab
  FROM roles r CROSS JOIN forbidden f
 WHERE pg_catalog.has_table_privilege(r.name, 'public.' || f.tab, f.right_name)
    OR (f.right_name IN ('INSERT', 'UPDATE', 'REFERENCES')
        AND pg_catalog.has_any_column_privilege(r.name, 'public.' || f.tab, f.right_name))
UNION ALL
SELECT r.name, 'EXECUTE audit_seal_entries'
  FROM roles r
 WHERE r.name = 'portal_web' AND pg_catalog.has_function_privilege(
           r.name, 'public.audit_seal_entries(integer, bigint)', 'EXECUTE')
UNION ALL
SELECT r.name, 'acting as ' || o.rolname
  FROM roles r CROSS JOIN pg_catalog.pg_roles o
 WHERE o.rolname IN ('portal_owner', 'portal_sealer')
   AND pg_catalog.pg_has_role(r.name, o.oid, 'MEMBER')
UNION ALL
SELECT o.rolname::text, 'superuser or BYPASSRLS'
  FROM pg_catalog.pg_roles o JOIN roles r ON r.name = o.rolname
 WHERE o.rolsuper OR o.rolbypassrls OR o.rolcreaterole
 ORDER BY 1, 2
