-- The pairs of the register with itself that count as one person now.
--
-- Parameters: pairing. Result: pair_id, left person's id, right person's id, status
-- Index: reconciliation_pair_queue; reconciliation_record's primary key (OFFSET 0).
SELECT c.id, l.person, r.person, c.status
  FROM reconciliation_pair c
 CROSS JOIN LATERAL (SELECT source_ref::bigint AS person FROM reconciliation_record
                      WHERE id = c.left_id AND until IS NULL OFFSET 0) AS l
 CROSS JOIN LATERAL (SELECT source_ref::bigint AS person FROM reconciliation_record
                      WHERE id = c.right_id AND until IS NULL OFFSET 0) AS r
 WHERE c.pairing_id = %(pairing)s AND c.until IS NULL AND c.status IN ('linked', 'same')
   AND l.person <> r.person
 ORDER BY c.id
