-- The comparison of each known row with the register, including the result of the name comparison.
-- Tables: known (from find_registered_persons), looked (row_number, is_other, is_spelling), matched (is made).
-- Result: row_number, kind, programme_id, village_id, is_explained; person_id, family_id, likely,
--   differs (codes, the deciding first), is_spelling (names differ only in spelling), registered
--   (the registered person's data that may be shown, masked).
-- Plan: one table
CREATE UNLOGGED TABLE {matched} AS
SELECT k.row_number, k.kind, k.programme_id, k.village_id, k.is_explained, k.person_id, k.family_id,
       CASE WHEN k.person_id IS NULL THEN '' WHEN l.is_other THEN 'other' ELSE 'same' END AS likely,
       array_remove(ARRAY[CASE WHEN k.name_differs THEN 'name' END,
                          CASE WHEN k.mother_differs THEN 'mother_name' END], NULL)
           || k.differs AS differs,
       coalesce(l.is_spelling, true) AS is_spelling,
       CASE WHEN k.name_differs OR k.mother_differs OR k.differs <> '{{}}' THEN
       jsonb_strip_nulls(jsonb_build_object(
           'name', nullif(regexp_replace(k.known_name, '(\S)\S*', '\1•••', 'g'), ''),
           'mother_name', nullif(regexp_replace(k.known_mother, '(\S)\S*', '\1•••', 'g'), ''),
           'nik', CASE WHEN k.person_id IS NOT NULL
                       THEN left(k.nik, 6) || '••••••' || right(k.nik, 4) END,
           'kk', left(k.known_kk, 6) || '••••••' || right(k.known_kk, 4),
           'village', r.name, 'village_code', k.known_village))
       ELSE '{{}}' END AS registered
  FROM {known} AS k
  LEFT JOIN {looked} AS l USING (row_number)
  LEFT JOIN regions_region AS r ON r.code = k.known_village
