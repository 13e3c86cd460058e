-- Purpose: the rows that a button changes: those with one finding.
-- Parameters: batch, code. Tables: chosen (gets rows: row_number).
-- Index: proposals_finding_code (batch, code).
-- Plan: one table
INSERT INTO {chosen} (row_number)
SELECT DISTINCT row_number FROM proposals_finding WHERE batch_id = %(batch)s AND code = %(code)s
