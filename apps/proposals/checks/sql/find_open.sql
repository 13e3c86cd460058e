-- The same person and programme in another proposal that is still open; for removals and corrections
-- any that cannot be decided beside it (proposals_claim). Advisory here: submitting and determining
-- ask again under a lock.
-- Parameters: batch, open (statuses). Tables: tidy (from tidy_rows), findings (gets rows).
-- Index: proposals_proposal (nik).
INSERT INTO {findings} (row_number, code, field, params)
SELECT DISTINCT ON (t.row_number) t.row_number,
       CASE WHEN 'new' = ALL (ARRAY[t.kind, p.kind]) THEN 'already_proposed'
            ELSE 'person_in_review' END, '',
       jsonb_build_object('date', to_char(b.received_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM-DD'),
                          'village', r.name, 'village_code', p.village_id,
                          'is_same', p.village_id = t.village_id, 'other_kind', p.kind)
  FROM {tidy} AS t
  JOIN proposals_proposal AS p
    ON p.nik = t.nik AND p.status = ANY (%(open)s) AND p.batch_id <> %(batch)s
   AND (proposals_claim(p.kind, p.ends, p.programme_id)
            = proposals_claim(t.kind, t.ends, t.programme_id)
        OR '*' IN (proposals_claim(p.kind, p.ends, p.programme_id),
                   proposals_claim(t.kind, t.ends, t.programme_id)))
  JOIN proposals_batch AS b ON b.id = p.batch_id
  LEFT JOIN regions_region AS r ON r.code = p.village_id
 WHERE t.nik_form <> 'odd'
 ORDER BY t.row_number, p.id DESC
