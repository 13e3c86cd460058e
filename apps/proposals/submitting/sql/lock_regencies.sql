-- Locks regencies until the transaction ends, in the order of their codes.
--
-- Two submissions of one regency, or a submission and a determination, run one after the other, so
-- that the second sees the open proposals of the first.
-- Parameters: lock_class (int), codes (int[]: four digits each; 0 is the lock of all determinations)
-- Result: the number of locks
SELECT count(pg_advisory_xact_lock(%(lock_class)s, code))
  FROM (SELECT DISTINCT code FROM unnest(%(codes)s::int[]) AS code ORDER BY code) AS regencies
