-- How many of some rows have each finding; a row with the same finding in two cells counts once.
-- Parameters: codes. Reads: selected (batch_id, row_number).
-- Result: code, rows.
-- Index: proposals_finding_row, or the whole table where the rows are many.
-- Measured: docs/operations.md, bench/review_list.py.
SELECT f.code, count(*)
  FROM (SELECT DISTINCT f.code, f.batch_id, f.row_number
          FROM selected AS s JOIN proposals_finding AS f USING (batch_id, row_number)
         WHERE f.code = ANY (%(codes)s)) AS f
 GROUP BY f.code
