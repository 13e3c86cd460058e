-- The open proposals about persons or families that one change of the register wrote.
-- Parameters: change, open (statuses). Tables: wanted (is made: id).
-- Index: proposals_proposal (nik) and (kk), by the numbers that the change wrote; these are found
--   by reading the whole register once.
-- Plan: by key
CREATE UNLOGGED TABLE {wanted} AS
SELECT q.id
  FROM registry_person AS p
  JOIN proposals_proposal AS q ON q.nik = p.nik
 WHERE p.change_id = %(change)s AND q.status = ANY (%(open)s)
 UNION
SELECT q.id
  FROM registry_family AS f
  JOIN proposals_proposal AS q ON q.kk = f.kk
 WHERE f.change_id = %(change)s AND q.status = ANY (%(open)s)
