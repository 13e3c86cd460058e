-- The cluster, its timeline and the database, as one text.
-- Parameters: none. Result: one text.
SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
       || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())
  FROM pg_control_system()
