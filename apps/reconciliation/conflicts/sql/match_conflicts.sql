-- Purpose: which of the found questions were asked before, in any status.
-- A person's question is identified by kind, source, person, field and the source's value; one
-- about
-- an unregistered person by the record's number at its source, because a changed record is a new
-- row.
-- Parameters: source. Tables: found. Result: conflict_id of found; the one that still holds goes first.
-- Index: reconciliation_conflict (person, record), reconciliation_record's primary key.
-- Plan: by rows
UPDATE {found} f
   SET conflict_id = m.conflict_id
  FROM (SELECT DISTINCT ON (o.ctid) o.ctid AS place, c.id AS conflict_id
          FROM {found} o
          JOIN reconciliation_conflict c
            ON c.source_id = %(source)s AND c.kind = o.kind
           AND c.person_id = o.person_id AND c.field = o.field AND c.theirs = o.theirs
         WHERE o.person_id IS NOT NULL
         ORDER BY o.ctid, c.status = 'obsolete', c.id DESC) AS m
 WHERE f.ctid = m.place
