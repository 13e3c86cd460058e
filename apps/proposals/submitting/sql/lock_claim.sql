-- Waits for the lock of one person, as lock_claims.sql counts them.
-- Parameters: lock_class, nik. Result: nothing to read.
SELECT pg_advisory_xact_lock(%(lock_class)s, hashtext(%(nik)s) & 63)
