-- Purpose: a person's row and those merged into it, each with the keys of proposals and uploaded
--   rows under its NIK, visible to the user or not.
-- Parameters: person (key). Result: person, proposal, batch, row number, decree, village, longitude,
--   latitude; the last seven are empty if nothing is proposed.
-- Index: registry_person by key and merged_into, proposals_proposal_nik; held rows are all read.
SELECT p.id, t.proposal, t.batch, t.line, t.decree, t.village, t.x, t.y
  FROM registry_person AS p
  LEFT JOIN LATERAL proposals_find_by_nik(p.nik) AS t ON true
 WHERE p.id = %(person)s OR p.merged_into_id = %(person)s
