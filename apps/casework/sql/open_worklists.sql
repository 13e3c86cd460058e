-- Purpose: one work-list for each kind and region of a subject; existing lists are not changed.
-- Parameters: subject, kinds (text[]), regions (text[]), due (date[], of one length), now.
-- Result: how many were made.
-- Plan: by rows
WITH made AS (
    INSERT INTO casework_worklist (kind, subject, region_id, due_date, total, done, made_at)
    SELECT w.kind, %(subject)s, w.region, w.due, 0, 0, %(now)s
      FROM unnest(%(kinds)s::text[], %(regions)s::text[], %(due)s::date[]) AS w (kind, region, due)
     ORDER BY w.kind, w.region
        ON CONFLICT (kind, subject, region_id) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM made
