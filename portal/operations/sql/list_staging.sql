-- The staging tables of this role, with their comments.
-- Parameters: none. Result: name, comment (may be NULL).
SELECT c.relname, obj_description(c.oid, 'pg_class')
  FROM pg_class AS c
 WHERE c.relnamespace = 'staging'::regnamespace AND c.relkind = 'r'
   AND c.relowner = current_user::regrole
