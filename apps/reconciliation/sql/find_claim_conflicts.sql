-- Purpose: what a decree's rows claim of active persons and the register does not say: a question for
-- each. Who names another family card and another village has moved: one question. What the comparison
-- with the register calls alike (an address written otherwise), and a move that a reviewer denied on
-- record, is not asked about.
-- Parameters: change (the decree's), fields, kinds (text[], of one length: what is asked of a claim).
-- Tables: found. Result: rows of found.
-- Index: registry_claim (change), the primary keys of persons, families and proposals.
-- Plan: by rows
INSERT INTO {found} (kind, person_id, village_id, field, ours, theirs, claim_id)
SELECT k.kind, p.id, p.village_id, c.field,
       CASE c.field WHEN 'name' THEN p.name WHEN 'birth_date' THEN coalesce(p.birth_date::text, '')
                    WHEN 'sex' THEN p.sex WHEN 'mother_name' THEN p.mother_name
                    WHEN 'village' THEN p.village_id ELSE coalesce(f.kk, '') END,
       c.value, c.id
  FROM registry_claim c
  JOIN unnest(%(fields)s::text[], %(kinds)s::text[]) AS k (field, kind) ON k.field = c.field
 CROSS JOIN LATERAL (SELECT * FROM registry_person
                      WHERE id = c.person_id AND status = 'active' OFFSET 0) AS p
 CROSS JOIN LATERAL (SELECT kk FROM registry_family WHERE id = p.family_id OFFSET 0) AS f
  LEFT JOIN LATERAL (SELECT q.village_id, m.move, m.differs
                       FROM proposals_proposal q
                       LEFT JOIN proposals_registeredmatch m ON m.proposal_id = q.id
                      WHERE q.id = nullif(c.source_ref, '')::bigint OFFSET 0) AS q ON true
 WHERE c.change_id = %(change)s AND NOT c.was_held AND c.undone_id IS NULL
   AND (q.differs IS NULL OR c.field = ANY(q.differs))
   AND (c.field NOT IN ('village', 'kk') OR q.move IS DISTINCT FROM 'denied')
   AND (c.field <> 'kk' OR q.village_id IS NULL OR q.village_id = p.village_id)
