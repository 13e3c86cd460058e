-- Makes a view of the rows without faults, with the columns of `changes.COLUMNS`.
-- Tables: checked (from check_register_rows), good (is made). Result: none.
CREATE VIEW {good} AS
SELECT row_number, kind, ends, reason, reason_date, nik, kk, name, title, birth_place, birth_date, sex, mother_name,
       relation, occupation, marital_status, disability_kind, ppks, village_id, address, rt,
       rw, location, location_verdict, programmes, source_ref, move_confirmed
  FROM {checked}
 WHERE faults = '{{}}'
