-- Purpose: values of the first authority of a field that differ from the register, of certain
-- pairs.
-- Only fields that a steward has switched on; not locked ones, not those kept or resolved since the
-- delivery, not open questions; a NIK only where the register has none and no person holds it.
-- Parameters: source, register, with_rows (whether persons and values are wanted, too).
-- Result: field, how many, persons (bigint[] or NULL), values (text[] or NULL, of one length)
-- Index: reconciliation_pair_queue (pairing), registry_person_nik.
WITH ruling AS (
    SELECT a.field
      FROM reconciliation_authority a
     WHERE a.source_id = %(source)s AND a.is_automatic
       AND a.rank <= ALL (SELECT o.rank FROM reconciliation_authority o WHERE o.field = a.field)
), said AS (
    SELECT DISTINCT ON (p.id, v.field) p.id AS person_id, v.field, v.theirs, d.as_of
      FROM reconciliation_pairing g
      JOIN reconciliation_pair c
        ON c.pairing_id = g.id AND c.until IS NULL
       AND (c.status = 'same' OR (c.status = 'linked' AND c.basis = 'nik'))
      JOIN reconciliation_record l ON l.id = c.left_id AND l.until IS NULL AND NOT l.is_deceased
      JOIN reconciliation_dataset d ON d.id = l.dataset_id
      -- the source is checked again: record numbers of other sources are not ids of persons
      JOIN reconciliation_record r ON r.id = c.right_id AND r.source_id = %(register)s
      JOIN registry_person p ON p.id = r.source_ref::bigint AND p.status = 'active'
     CROSS JOIN LATERAL (VALUES
               ('name', p.name, l.name),
               ('birth_place', p.birth_place, l.birth_place),
               ('birth_date', p.birth_date::text, l.birth_date::text),
               ('sex', p.sex, l.sex),
               ('mother_name', p.mother_name, l.mother_name),
               ('relation', p.relation, l.relation),
               ('occupation', p.occupation, l.occupation),
               ('nik', p.nik, l.nik)
           ) AS v (field, ours, theirs)
     WHERE g.left_id = %(source)s AND g.right_id = %(register)s
       AND v.field IN (SELECT field FROM ruling)
       AND v.theirs <> '' AND upper(v.theirs) IS DISTINCT FROM upper(v.ours)
       AND (v.field <> 'nik' OR (coalesce(v.ours, '') = '' AND NOT EXISTS (
               SELECT FROM registry_person o
                WHERE o.nik = v.theirs AND o.status = 'active' AND NOT o.is_nik_disputed)))
     ORDER BY p.id, v.field, d.as_of DESC, l.id DESC
), free AS (
    SELECT s.*
      FROM said s
     WHERE NOT EXISTS (SELECT FROM reconciliation_lock k
                        WHERE k.person_id = s.person_id AND k.field = s.field
                          AND k.lifted_at IS NULL)
       AND NOT EXISTS (SELECT FROM reconciliation_conflict c
                        WHERE c.person_id = s.person_id AND c.field = s.field
                          AND (c.status IN ('open', 'answered')
                               OR (c.status IN ('kept', 'resolved') AND c.theirs = s.theirs)))
), once AS (
    SELECT f.*, row_number() OVER (PARTITION BY CASE WHEN field = 'nik' THEN theirs
                                                     ELSE person_id::text END, field
                                   ORDER BY person_id) AS nth
      FROM free f
)
SELECT field, count(*),
       CASE WHEN %(with_rows)s THEN array_agg(person_id ORDER BY person_id) END,
       CASE WHEN %(with_rows)s THEN array_agg(theirs ORDER BY person_id) END
  FROM once
 WHERE nth = 1
 GROUP BY field
 ORDER BY field
