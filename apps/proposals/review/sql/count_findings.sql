-- How many of some rows have each finding, by the place and status that the rows are counted under; a
-- row with the same finding in two cells counts once.
-- Parameters: codes. Reads: selected (batch_id, row_number, regency, status_of).
-- Result: regency, status, code, rows.
-- Index: proposals_finding_row for each row. The findings of its files are many more: a file may be of
-- the whole country.
-- Measured: docs/operations.md, bench/review_list.py.
SELECT n.regency, n.status_of, n.code, n.number
  FROM (SELECT s.regency, s.status_of, f.code, count(*) AS number
          FROM selected AS s
         CROSS JOIN LATERAL (SELECT DISTINCT f.code FROM proposals_finding AS f
                              WHERE f.batch_id = s.batch_id AND f.row_number = s.row_number
                             OFFSET 0) AS f
         GROUP BY s.regency, s.status_of, f.code) AS n
 WHERE n.code = ANY (%(codes)s)
