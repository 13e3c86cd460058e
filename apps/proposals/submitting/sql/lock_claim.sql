-- Waits for the lock of one person and programme, as lock_claims.sql counts them.
-- Parameters: lock_class, claim (NIK and programme). Result: nothing to read.
SELECT pg_advisory_xact_lock(%(lock_class)s, hashtext(%(claim)s) & 63)
