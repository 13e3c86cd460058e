-- Purpose: claims of a decree's rows about active persons that differ from the register, one
-- question
-- each. A claim of another family card and another village is one question: the person has moved.
-- Address and point belong to the family: one question for all members who are in the same village
-- on
-- the same card. Values that the comparison with the register treats as equal (an address in
-- another
-- spelling), and a move that a reviewer denied on record, raise no question.
-- Parameters: change (the decree's), fields, kinds (text[], of one length: what is asked of a claim).
-- Tables: found. Result: rows of found.
-- Index: registry_claim (change), the primary keys of persons, families and proposals.
-- Plan: by rows
INSERT INTO {found} (kind, person_id, village_id, field, ours, theirs, claim_id)
SELECT kind, person_id, village_id, field, ours, value, id
  FROM (
    SELECT k.kind, p.id AS person_id, p.village_id, c.field, c.value, c.id,
           CASE c.field WHEN 'name' THEN p.name WHEN 'sex' THEN p.sex
                        WHEN 'birth_date' THEN coalesce(p.birth_date::text, '')
                        WHEN 'mother_name' THEN p.mother_name WHEN 'village' THEN p.village_id
                        WHEN 'address' THEN f.address
                        WHEN 'location' THEN coalesce(round(ST_Y(f.location)::numeric, 6) || ', '
                                             || round(ST_X(f.location)::numeric, 6), '')
                        ELSE coalesce(f.kk, '') END AS ours,
           c.field IN ('address', 'location')
           AND row_number() OVER (PARTITION BY c.field, c.value, p.family_id
                                  ORDER BY p.id, c.id) > 1 AS is_asked
      FROM registry_claim c
      JOIN unnest(%(fields)s::text[], %(kinds)s::text[]) AS k (field, kind) ON k.field = c.field
     CROSS JOIN LATERAL (SELECT * FROM registry_person
                          WHERE id = c.person_id AND status = 'active' OFFSET 0) AS p
     CROSS JOIN LATERAL (SELECT kk, address, location FROM registry_family
                          WHERE id = p.family_id OFFSET 0) AS f
      LEFT JOIN LATERAL (SELECT q.village_id, q.kk, m.move, m.differs
                           FROM proposals_proposal q
                           LEFT JOIN proposals_registeredmatch m ON m.proposal_id = q.id
                          WHERE q.id = nullif(c.source_ref, '')::bigint OFFSET 0) AS q ON true
     WHERE c.change_id = %(change)s AND NOT c.was_held AND c.undone_id IS NULL
       AND (q.differs IS NULL OR c.field = ANY(q.differs))
       AND (c.field NOT IN ('village', 'kk', 'address', 'location')
            OR q.move IS DISTINCT FROM 'denied')
       AND (c.field NOT IN ('kk', 'address', 'location')
            OR q.village_id IS NULL OR q.village_id = p.village_id)
       AND (c.field NOT IN ('address', 'location') OR q.kk IS NULL OR q.kk = f.kk)
  ) AS asked
 WHERE NOT is_asked
