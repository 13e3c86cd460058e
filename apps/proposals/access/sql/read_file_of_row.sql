-- The file of a row that the user may see, also where it is that of a wider region than theirs.
-- Parameters: proposal. Result: the columns of proposals_batch that say where it is and how it is
-- read; of typed rows only this one.
SELECT id, region_id, status, cycle_id, agency_id, file, file_size, file_kind, header, header_line, mapping,
       row_values
  FROM proposals_file_of_row(%(proposal)s)
