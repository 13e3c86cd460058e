-- Locks each person of a batch until the transaction ends.
--
-- Two submissions of the same person in two regencies run one after the other: for one programme, or
-- a removal beside anything else. A lock for each of 10,000 rows would not fit into the lock table,
-- so the persons share 64 locks. Two large
-- batches therefore wait for each other (0.4 s for 10,000 rows); single rows rarely wait.
-- Parameters: lock_class (int), batch. Result: the number of locks
-- Index: proposals_proposal (batch_id, row_number). Measured at 10,000 rows: 0.02 s.
SELECT count(pg_advisory_xact_lock(%(lock_class)s, share))
  FROM (SELECT DISTINCT hashtext(p.nik) & 63 AS share
          FROM proposals_proposal p
         WHERE p.batch_id = %(batch)s AND p.status = 'draft'
         ORDER BY share) AS shares
