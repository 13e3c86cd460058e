-- Purpose: which questions about people who are not in the register were asked before.
-- They are identified by the record's number at its source, because a changed record is a new row.
-- Parameters: source. Tables: found. Result: conflict_id of found; the one that still holds goes first.
-- Index: reconciliation_record's primary key.
-- Plan: by rows
UPDATE {found} f
   SET conflict_id = m.conflict_id
  FROM (SELECT DISTINCT ON (o.record_id) o.record_id, c.id AS conflict_id
          FROM {found} o
          JOIN reconciliation_record n ON n.id = o.record_id
          JOIN reconciliation_record e ON e.source_id = n.source_id AND e.source_ref = n.source_ref
          JOIN reconciliation_conflict c ON c.record_id = e.id AND c.kind = o.kind
         WHERE o.person_id IS NULL AND c.person_id IS NULL AND c.source_id = %(source)s
         ORDER BY o.record_id, c.status = 'obsolete', c.id DESC) AS m
 WHERE f.person_id IS NULL AND f.record_id = m.record_id
