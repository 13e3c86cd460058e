-- Locks the regencies of a batch's drafts until the transaction ends, in the order of their codes.
--
-- Two submissions of one regency, or a submission and a determination, pass one after the other, so
-- that each sees what the other has opened.
-- Parameters: lock_class (int), batch
-- Result: the number of regencies
SELECT count(pg_advisory_xact_lock(%(lock_class)s, code))
  FROM (SELECT DISTINCT replace(left(p.village_id, 5), '.', '')::int AS code
          FROM proposals_proposal p
         WHERE p.batch_id = %(batch)s AND p.status = 'draft'
         ORDER BY 1) AS regencies
