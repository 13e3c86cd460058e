-- Purpose: lock the persons whose answers are taken over, so that they do not change after the
-- comparison.
-- Parameters: most. Locks: the persons, in the order of their ids.
-- Index: registry_person's primary key by a list of ids.
SELECT p.id
  FROM registry_person p
 WHERE p.id = ANY(ARRAY(
           SELECT c.person_id
             FROM reconciliation_answer a
             JOIN reconciliation_conflict c ON c.id = a.conflict_id AND c.status = 'answered'
            WHERE a.is_taken ORDER BY a.id LIMIT %(most)s))
 ORDER BY p.id
   FOR UPDATE
