-- Purpose: of the people of a source that a run looked at, how many it linked, by region.
-- Parameters: run, pairing, source, number (the delivery that the run took of it), is_left and
--   is_right (on which sides of the pairing the source stands), under (code prefix), length (of the
--   codes by which it groups: 2 provinces, 5 regencies, 8 districts, 13 villages).
-- Result: code, people, linked. An empty code: people without a village.
-- Cost: one pass over the source's records and the run's pairs, 1 million each in 1 s.
WITH joined AS (
    SELECT c.left_id AS record
      FROM reconciliation_candidate c
     WHERE %(is_left)s AND c.pairing_id = %(pairing)s AND c.standing IN ('linked', 'same')
       AND c.run_id <= %(run)s AND (c.until IS NULL OR c.until > %(run)s)
     UNION
    SELECT c.right_id
      FROM reconciliation_candidate c
     WHERE %(is_right)s AND c.pairing_id = %(pairing)s AND c.standing IN ('linked', 'same')
       AND c.run_id <= %(run)s AND (c.until IS NULL OR c.until > %(run)s)
)
SELECT left(r.village_code, %(length)s) AS region, count(*), count(j.record)
  FROM reconciliation_record r
  LEFT JOIN joined j ON j.record = r.id
 WHERE r.source_id = %(source)s AND r.number <= %(number)s
   AND (r.until IS NULL OR r.until > %(number)s)
   AND starts_with(r.village_code, %(under)s)
 GROUP BY 1
 ORDER BY 1
