-- Purpose: replace the cell by the value that the check has read: numbers without signs, dates as
--   day-month-year, the village's code of today.
-- Parameters: code (of the finding). Tables: tidy (of the current rows), changes (gets rows).
-- Plan: one table
INSERT INTO {changes} (row_number, changes)
SELECT t.row_number, c.changes
  FROM {tidy} AS t
 CROSS JOIN LATERAL (SELECT jsonb_strip_nulls(CASE %(code)s
       WHEN 'number_tidied' THEN jsonb_build_object(
            'nik', CASE t.nik_form WHEN 'tidied' THEN t.nik END,
            'kk', CASE t.kk_form WHEN 'tidied' THEN t.kk END)
       WHEN 'date_serial' THEN jsonb_build_object(
            'birth_date', CASE WHEN t.birth_is_serial
                               THEN to_char(t.birth_date, 'DD-MM-YYYY') END,
            'pregnancy_date', CASE WHEN t.pregnancy_is_serial
                                   THEN to_char(t.pregnancy_date, 'DD-MM-YYYY') END)
       ELSE jsonb_build_object('village_code', t.village_id) END) AS changes) AS c
 WHERE c.changes <> '{{}}'
