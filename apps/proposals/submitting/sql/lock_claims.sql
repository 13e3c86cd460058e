-- Locks what a batch claims, person and programme by person and programme, until the transaction ends.
--
-- Two submissions that name one person for one programme in two regencies pass one after the other.
-- A lock for each of 10,000 rows would not fit into the lock table; 64 shares of them all do. Two
-- large batches therefore wait for each other (0.4 s for 10,000 rows), single rows rarely meet.
-- Parameters: lock_class (int), batch. Result: the number of locks
-- Index: proposals_proposal (batch_id, row_number). Measured at 10,000 rows: 0.02 s.
SELECT count(pg_advisory_xact_lock(%(lock_class)s, share))
  FROM (SELECT DISTINCT hashtext(p.nik || ' ' || p.programme_id) & 63 AS share
          FROM proposals_proposal p
         WHERE p.batch_id = %(batch)s AND p.status = 'draft'
         ORDER BY share) AS shares
