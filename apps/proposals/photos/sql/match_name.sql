-- The row of a batch that the name of a photo says: its number, or the NIK of its person.
-- Parameters: batch, row_number (0 is none), nik ('' is none), open (statuses that take photos).
-- Result: row_number, village_id (the batch's region for a held row), is_open; at most one row. Of
--   several rows of one person it is the first one that takes photos.
-- Index: proposals_proposal (batch_id, row_number); proposals_heldrow (batch_id, row_number).
SELECT row_number, village_id, is_open
  FROM (SELECT p.row_number, p.village_id, p.status = ANY (%(open)s::text[]) AS is_open
          FROM proposals_proposal AS p
         WHERE p.batch_id = %(batch)s
           AND (p.row_number = %(row_number)s OR (%(nik)s <> '' AND p.nik = %(nik)s))
         UNION ALL
        SELECT h.row_number, b.region_id, true
          FROM proposals_heldrow AS h JOIN proposals_batch AS b ON b.id = h.batch_id
         WHERE h.batch_id = %(batch)s
           AND (h.row_number = %(row_number)s
                OR (%(nik)s <> '' AND translate(h.values ->> 'nik', ' .-''', '') = %(nik)s))) AS w
 ORDER BY is_open DESC, row_number
 LIMIT 1
