-- How many of some rows have each finding, by the place and status that the rows are counted under; a
-- row with the same finding in two cells counts once.
-- Parameters: codes. Reads: selected (batch_id, row_number, regency, status_of).
-- Result: regency, status, code, rows.
-- Index: proposals_finding_row for each row. The findings of its files are many more: a file may be of
-- the whole country.
-- Measured: docs/operations.md, bench/review_list.py.
SELECT n.regency, n.status_of, n.code, count(*)
  FROM (SELECT DISTINCT s.regency, s.status_of, f.code, s.batch_id, s.row_number
          FROM selected AS s
         CROSS JOIN LATERAL (SELECT f.code FROM proposals_finding AS f
                              WHERE f.batch_id = s.batch_id AND f.row_number = s.row_number
                                AND f.code = ANY (%(codes)s)
                             OFFSET 0) AS f) AS n
 GROUP BY n.regency, n.status_of, n.code
