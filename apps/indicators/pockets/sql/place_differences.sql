-- Puts the villages in which two editions differ, and which are on no list and have no answer, on
-- their regency's list.
-- Parameters: published, computed (numbers of editions), kind, subject (of the lists).
-- Result: the lists that got villages.
-- Plan: by rows
WITH placed AS (
    UPDATE indicators_pocketdifference AS d
       SET worklist_id = w.id
      FROM casework_worklist AS w
     WHERE d.published_id = %(published)s AND d.computed_id = %(computed)s
       AND d.kind NOT IN ('agree', 'ended') AND d.worklist_id IS NULL AND d.answer = ''
       AND w.kind = %(kind)s AND w.subject = %(subject)s AND w.region_id = left(d.village_id, 5)
    RETURNING w.id
)
SELECT DISTINCT id FROM placed
