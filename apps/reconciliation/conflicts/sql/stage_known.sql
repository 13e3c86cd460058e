-- Purpose: the active persons in a delivery: by a pair, joined or under review, or by their NIK.
-- Parameters: source, number. Tables: links, known (made here). Result: table known = person_id.
-- Index: reconciliation_record_nik, registry_person_nik.
-- Plan: by rows
CREATE UNLOGGED TABLE {known} AS
SELECT person_id FROM {links}
 UNION
SELECT p.id
  FROM registry_person p
  JOIN reconciliation_record l ON l.nik = p.nik AND l.source_id = %(source)s
   AND l.number <= %(number)s AND (l.until IS NULL OR l.until > %(number)s)
 WHERE p.status = 'active' AND NOT p.is_nik_disputed AND l.nik <> ''
