-- Converts the rows of a register file and lists the faults of each; nothing is guessed.
--
-- Parameters: first_year, year (of births). Tables: read (text columns as in the file),
--             checked (made here)
-- Result: table checked = changes.COLUMNS and faults (text[] of codes, empty for a good row)
-- Codes: nik, nik_twice, kk, name, birth_date, sex, village, coordinate, programme
-- Plan: by rows
-- Measured at 1,000,000 rows: see loading.load_register.
CREATE UNLOGGED TABLE {checked} AS
WITH days AS (  -- each date is looked at once
    SELECT text,
           CASE WHEN text ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])-[0-9]{{2}}$'
                     AND left(text, 4)::int BETWEEN %(first_year)s AND %(year)s
                     AND right(text, 2)::int BETWEEN 1 AND extract(
                         day FROM make_date(left(text, 4)::int, substr(text, 6, 2)::int, 1)
                                  + interval '1 month - 1 day')
                THEN make_date(left(text, 4)::int, substr(text, 6, 2)::int, right(text, 2)::int)
           END AS day
      FROM (SELECT DISTINCT tanggal_lahir AS text FROM {read} WHERE tanggal_lahir IS NOT NULL) AS d
), lists AS (  -- and each list of programmes
    SELECT l.text, array_agg(g.code) AS codes, bool_and(g.code IS NOT NULL) AS is_known
      FROM (SELECT DISTINCT program AS text FROM {read} WHERE program IS NOT NULL) AS l
     CROSS JOIN LATERAL unnest(string_to_array(l.text, ';')) AS given (name)
      LEFT JOIN registry_programme g
        ON upper(btrim(given.name)) = g.code OR upper(btrim(given.name)) = ANY (g.synonyms)
     GROUP BY l.text
), twice AS (
    SELECT nik, min(row_number) AS first
      FROM {read} WHERE nik IS NOT NULL GROUP BY nik HAVING count(*) > 1
)
SELECT r.row_number, 'new'::text AS kind, r.nik, r.no_kk AS kk, left(r.nama, 200) AS name,
       ''::text AS title, coalesce(left(r.tempat_lahir, 120), '') AS birth_place,
       d.day AS birth_date, coalesce(r.jenis_kelamin, '') AS sex,
       coalesce(left(r.ibu_kandung, 200), '') AS mother_name,
       coalesce(left(r.hubungan, 40), '') AS relation, ''::text AS occupation,
       ''::text AS marital_status, ''::text AS disability_kind, '{{}}'::smallint[] AS ppks,
       v.code AS village_id, coalesce(left(r.alamat, 300), '') AS address,
       coalesce(left(r.rt, 3), '') AS rt, coalesce(left(r.rw, 3), '') AS rw,
       CASE WHEN c.is_point
            THEN ST_SetSRID(ST_MakePoint(r.bujur::float8, r.lintang::float8), 4326) END AS location,
       ''::text AS location_verdict, coalesce(l.codes, '{{}}') AS programmes,
       coalesce(left(r.id_sumber, 60), '') AS source_ref,
       ''::text AS ends, ''::text AS reason, NULL::date AS reason_date, false AS move_confirmed,
       array_remove(ARRAY[
           CASE WHEN r.nik IS NOT NULL AND (octet_length(r.nik) <> 16 OR r.nik ~ '[^0-9]')
                THEN 'nik' END,
           CASE WHEN t.first < r.row_number THEN 'nik_twice' END,
           CASE WHEN r.no_kk IS NULL OR octet_length(r.no_kk) <> 16 OR r.no_kk ~ '[^0-9]'
                THEN 'kk' END,
           CASE WHEN r.nama IS NULL THEN 'name' END,
           CASE WHEN r.tanggal_lahir IS NOT NULL AND d.day IS NULL THEN 'birth_date' END,
           CASE WHEN r.jenis_kelamin NOT IN ('L', 'P') THEN 'sex' END,
           CASE WHEN v.code IS NULL THEN 'village' END,
           CASE WHEN NOT c.is_point AND NOT (r.lintang IS NULL AND r.bujur IS NULL)
                THEN 'coordinate' END,
           CASE WHEN NOT l.is_known THEN 'programme' END], NULL) AS faults
  FROM {read} r
  LEFT JOIN days d ON d.text = r.tanggal_lahir
  LEFT JOIN lists l ON l.text = r.program
  LEFT JOIN twice t ON t.nik = r.nik
  LEFT JOIN regions_region v ON v.code = r.kode_desa AND v.level = 'village'
 CROSS JOIN LATERAL (
     SELECT CASE WHEN r.lintang ~ '^-?[0-9]{{1,2}}(\.[0-9]{{1,12}})?$'
                      AND r.bujur ~ '^-?[0-9]{{1,3}}(\.[0-9]{{1,12}})?$'
                 THEN abs(r.lintang::float8) <= 90 AND abs(r.bujur::float8) <= 180
                 ELSE false END AS is_point) AS c
