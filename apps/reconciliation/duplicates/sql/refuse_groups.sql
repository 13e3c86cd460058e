-- The groups of persons that must not be merged, independent of their weights, with each reason.
--
-- Parameters: heads, persons (bigint[] of one length: of each person the group and the id),
--             by (who wants to merge), needs_two (bool)
-- Result: head, code
-- Codes: not_same (people judged two of them as different), two_niks (the civil register confirms
--        different numbers of two who live: by a run, by a record of one of its deliveries with the
--        same number and date of birth, or by its answer about a proposal with both),
--        own_judgement (only the user who merges judged them to be the same), undone (two of them
--        were merged before, and that merge was undone)
-- Index: reconciliation_judgement_once, reconciliation_record_now, reconciliation_record_nik,
--        proposals_proposal_nik, reconciliation_pair_right,
--        registry_personevent (pgh_obj) (OFFSET 0: looked up by key).
WITH member AS MATERIALIZED (
    SELECT head, person, person::text AS ref
      FROM unnest(%(heads)s::bigint[], %(persons)s::bigint[]) AS m (head, person)
), said AS MATERIALIZED (
    SELECT m.head, j.outcome, j.user_id, j.left_ref, j.right_ref
      FROM member m
     CROSS JOIN LATERAL (SELECT outcome, user_id, left_ref, right_ref
                           FROM reconciliation_judgement
                          WHERE left_source = 'REGISTER' AND left_ref = m.ref
                            AND right_source = 'REGISTER' AND undone_at IS NULL
                         OFFSET 0) AS j
      JOIN member o ON o.head = m.head AND o.ref = j.right_ref
), numbered AS MATERIALIZED (
    SELECT m.head, m.ref, p.nik, p.birth_date
      FROM member m
     CROSS JOIN LATERAL (SELECT nik, birth_date FROM registry_person
                          WHERE id = m.person AND nik <> '' OFFSET 0) AS p
), confirmed AS MATERIALIZED (
    SELECT m.head, m.nik
      FROM numbered m
     CROSS JOIN LATERAL (SELECT id FROM reconciliation_record
                          WHERE source_id = 'REGISTER' AND source_ref = m.ref AND until IS NULL
                         OFFSET 0) AS r
     CROSS JOIN LATERAL (SELECT left_id FROM reconciliation_pair
                          WHERE right_id = r.id AND until IS NULL AND basis = 'nik'
                            AND status IN ('linked', 'same')
                         OFFSET 0) AS c
      JOIN reconciliation_record theirs
        ON theirs.id = c.left_id AND theirs.nik = m.nik AND NOT theirs.is_deceased
      JOIN reconciliation_source s ON s.code = theirs.source_id AND s.kind = 'civil'
     UNION
    SELECT m.head, m.nik
      FROM numbered m
     CROSS JOIN LATERAL (SELECT source_id FROM reconciliation_record
                          WHERE nik = m.nik AND nik <> '' AND birth_date = m.birth_date
                            AND until IS NULL AND NOT is_deceased
                         OFFSET 0) AS theirs
      JOIN reconciliation_source s ON s.code = theirs.source_id AND s.kind = 'civil'
     UNION
    SELECT m.head, m.nik
      FROM numbered m
     CROSS JOIN LATERAL (SELECT id FROM proposals_proposal
                          WHERE nik = m.nik AND birth_date = m.birth_date OFFSET 0) AS q
      JOIN proposals_civilmatch a ON a.proposal_id = q.id AND a.status = 'matched'
)
SELECT DISTINCT head, 'not_same' AS code FROM said WHERE outcome = 'not_same'
 UNION ALL
SELECT head, 'two_niks' FROM confirmed GROUP BY head HAVING count(*) > 1
 UNION ALL
SELECT DISTINCT head, 'own_judgement'
  FROM (SELECT head, left_ref, right_ref FROM said
         WHERE outcome = 'same' AND %(needs_two)s
         GROUP BY head, left_ref, right_ref
        HAVING bool_and(user_id = %(by)s)) AS alone
 UNION ALL
SELECT DISTINCT m.head, 'undone'
  FROM member m
 CROSS JOIN LATERAL (SELECT merged_into_id FROM registry_personevent
                      WHERE pgh_obj_id = m.person AND merged_into_id IS NOT NULL OFFSET 0) AS e
  JOIN member o ON o.head = m.head AND o.person = e.merged_into_id
 ORDER BY 1, 2
