-- Stores the comparison of the new proposals with the register, one row for each known one.
-- Parameters: batch, partition (0, or the batch's own, whose ids follow from the row numbers), now.
-- Tables: matched (from compare_persons), weighed.
-- Index: proposals_proposal (batch_id, row_number) of the partition of small batches.
-- Plan: by key
INSERT INTO proposals_registeredmatch (proposal_id, village_id, person_id, family_id, likely, differs,
                                       registered, move, move_by_name, checked_at)
SELECT i.id, m.village_id, m.person_id, m.family_id, m.likely, m.differs, m.registered, '', '',
       %(now)s
  FROM {matched} AS m
  LEFT JOIN {weighed} AS w USING (row_number)
 CROSS JOIN LATERAL (
       SELECT %(partition)s * 10000000000 + m.row_number AS id WHERE %(partition)s > 0
        UNION ALL
       SELECT p.id FROM proposals_proposal AS p
        WHERE %(partition)s = 0 AND p.batch_id = %(batch)s AND p.row_number = m.row_number
          AND p.id < 10000000000) AS i
 WHERE coalesce(w.severity, 0) < 3
