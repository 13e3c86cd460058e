-- Purpose: close the submitted batches of a decree's proposals that have no open row left.
--
-- Parameters: decree, closed (the status). Result: none
-- Index: proposals_proposal (decree_id) and (batch_id, row_number).
-- Plan: by key
UPDATE proposals_batch b
   SET status = %(closed)s
 WHERE b.status = 'submitted'
   AND b.id IN (SELECT p.batch_id FROM proposals_proposal p WHERE p.decree_id = %(decree)s)
   AND NOT EXISTS (SELECT FROM (SELECT p.status FROM proposals_proposal p
                                 WHERE p.batch_id = b.id OFFSET 0) AS p
                    WHERE p.status NOT IN ('determined', 'rejected', 'withdrawn'))
