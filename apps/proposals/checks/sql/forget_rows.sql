-- Removes the earlier results of some rows before the new ones are stored.
-- Parameters: batch, draft (the status). Tables: staging (row_number).
-- Plan: by rows
WITH matches AS (
    DELETE FROM proposals_registeredmatch AS m USING proposals_proposal AS p
     WHERE m.proposal_id = p.id AND p.batch_id = %(batch)s AND p.status = %(draft)s
       AND p.row_number IN (SELECT row_number FROM {staging})
), proposals AS (
    DELETE FROM proposals_proposal
     WHERE batch_id = %(batch)s AND status = %(draft)s
       AND row_number IN (SELECT row_number FROM {staging})
), held AS (
    DELETE FROM proposals_heldrow
     WHERE batch_id = %(batch)s AND row_number IN (SELECT row_number FROM {staging})
)
DELETE FROM proposals_finding
 WHERE batch_id = %(batch)s AND row_number IN (SELECT row_number FROM {staging})
