-- How many of some rows have each finding, by the place and status that the rows are counted under; a
-- row with the same finding in two cells counts once.
-- Parameters: codes. Reads: selected (batch_id, row_number, regency, status_of).
-- Result: regency, status, code, rows.
-- Index: proposals_finding_row by the files of the rows: those of a regency are few of the country's.
-- Measured: docs/operations.md, bench/review_list.py.
WITH noted AS MATERIALIZED (
    SELECT DISTINCT f.batch_id, f.row_number, f.code FROM proposals_finding AS f
     WHERE f.code = ANY (%(codes)s)
       AND f.batch_id = ANY (ARRAY(SELECT DISTINCT batch_id FROM selected))
)
SELECT s.regency, s.status_of, n.code, count(*)
  FROM selected AS s JOIN noted AS n USING (batch_id, row_number)
 GROUP BY s.regency, s.status_of, n.code
