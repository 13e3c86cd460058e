-- Rows that repeat another row of the batch, and families that are in two villages.
-- Tables: tidy (from tidy_rows), findings (gets rows). Measured: 100,000 rows 0.23 s.
-- Two removals or corrections of one person repeat each other, whatever programme they name.
-- The first of two equal rows gets no finding, so that one of them can be proposed.
INSERT INTO {findings} (row_number, code, field, params)
WITH repeated AS MATERIALIZED (
    SELECT nik, programme_id, min(row_number) AS first_row
      FROM {tidy} WHERE nik_form <> 'odd' AND programme_id IS NOT NULL
     GROUP BY nik, programme_id HAVING count(*) > 1
), changed AS MATERIALIZED (
    -- several removals or corrections of one person, or a removal beside anything else
    SELECT t.nik, min(t.row_number) AS first_row
      FROM {tidy} AS t
     WHERE t.nik_form <> 'odd'
       AND t.nik IN (SELECT nik FROM {tidy} WHERE kind IN ('correction', 'removal'))
     GROUP BY t.nik
    HAVING bool_or(t.ends = 'person') AND count(*) > 1
        OR count(*) FILTER (WHERE t.kind = 'correction') > 1
), homes AS MATERIALIZED (
    SELECT kk, village_id, min(row_number) AS first_row
      FROM {tidy} WHERE kk_form <> 'odd' AND village_id IS NOT NULL
     GROUP BY kk, village_id
), torn AS MATERIALIZED (
    SELECT h.kk, h.village_id, h.first_row
      FROM homes AS h
      JOIN (SELECT kk FROM homes GROUP BY kk HAVING count(*) > 1) AS many USING (kk)
)
SELECT t.row_number, 'duplicate_in_file', '', jsonb_build_object('first_row', g.first_row)
  FROM repeated AS g
  JOIN {tidy} AS t ON t.nik = g.nik AND t.programme_id = g.programme_id
   AND t.row_number > g.first_row
UNION ALL
SELECT t.row_number, 'duplicate_in_file', '', jsonb_build_object('first_row', g.first_row)
  FROM (SELECT c.nik, bool_or(t.ends = 'person') AS is_removed,
               CASE WHEN bool_or(t.ends = 'person') THEN c.first_row
                    ELSE min(t.row_number) FILTER (WHERE t.kind = 'correction') END AS first_row
          FROM changed AS c JOIN {tidy} AS t ON t.nik = c.nik
         GROUP BY c.nik, c.first_row) AS g
  JOIN {tidy} AS t ON t.nik = g.nik AND t.row_number > g.first_row
 WHERE (g.is_removed OR t.kind = 'correction')
   AND NOT EXISTS (SELECT FROM repeated AS r
                    WHERE r.nik = t.nik AND r.programme_id = t.programme_id
                      AND r.first_row < t.row_number)
UNION ALL
(SELECT DISTINCT ON (t.row_number) t.row_number, 'kk_two_villages', '',
        jsonb_build_object('other', r.name, 'other_code', o.village_id, 'other_row', o.first_row,
                           'kk_end', right(t.kk, 4))
   FROM torn AS o
   JOIN {tidy} AS t ON t.kk = o.kk AND t.village_id <> o.village_id
   LEFT JOIN regions_region AS r ON r.code = o.village_id
  ORDER BY t.row_number, o.first_row)
