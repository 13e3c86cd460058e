-- Purpose: the keys of proposals and uploaded rows under one NIK, whoever may see those rows.
-- Parameters: nik. Result: proposal, batch, row number, decree, village, longitude, latitude.
-- Index: proposals_proposal_nik; rows that wait to be mended are all looked at.
SELECT proposal, batch, line, decree, village, x, y FROM proposals_traces(%(nik)s)
