-- The findings of all rules about a single row; a row can have several.
-- A removal and a correction need only NIK, name, village and a paper: what is empty is the register's.
-- Parameters: those of proposals.rules.bounds and of proposals.removal_rules.bounds.
-- Tables: tidy (from tidy_rows), places (from resolve_places), findings (is made).
-- Result: row_number, code (of proposals.rules), field ('' where the catalogue names it), params.
-- A place's findings come from places. Indexes: none, three small hash joins.
-- Measured: 100,000 rows of which one in twenty has a finding 0.5 s, two workers 0.25 s.
CREATE UNLOGGED TABLE {findings} AS
SELECT t.row_number, split_part(f.fault, ':', 1) AS code, split_part(f.fault, ':', 2) AS field,
       CASE split_part(f.fault, ':', 1)
           WHEN 'nik_length' THEN jsonb_build_object('length', length(t.nik))
           WHEN 'kk_length' THEN jsonb_build_object('length', length(t.kk))
           WHEN 'nik_letters' THEN jsonb_build_object('signs', regexp_replace(t.nik, '[0-9]', '', 'g'))
           WHEN 'kk_letters' THEN jsonb_build_object('signs', regexp_replace(t.kk, '[0-9]', '', 'g'))
           WHEN 'nik_prefix_unknown' THEN jsonb_build_object('prefix', left(t.nik, 6))
           WHEN 'kk_prefix_unknown' THEN jsonb_build_object('prefix', left(t.kk, 6))
           WHEN 'nik_date_impossible' THEN jsonb_build_object('digits', substr(t.nik, 7, 6))
           WHEN 'nik_birth_date' THEN jsonb_build_object(
               'nik_date', to_char(substr(t.nik, 7, 2)::int %% 40, 'FM00') || '-'
                   || substr(t.nik, 9, 2) || '-' || substr(t.nik, 11, 2),
               'birth_date', to_char(t.birth_date, 'DD-MM-YYYY'))
           WHEN 'nik_sex' THEN jsonb_build_object('sex', t.sex, 'day', substr(t.nik, 7, 2))
           WHEN 'name_titled' THEN jsonb_build_object('title', t.names[1], 'name', t.names[2])
           WHEN 'name_deceased' THEN jsonb_build_object('title', t.names[1])
           WHEN 'date_serial' THEN jsonb_build_object('date', to_char(
               CASE split_part(f.fault, ':', 2) WHEN 'birth_date' THEN t.birth_date
                    WHEN 'reason_date' THEN t.reason_date
                    ELSE t.pregnancy_date END, 'DD-MM-YYYY'))
           WHEN 'evidence_unfit' THEN jsonb_build_object('kind', t.kind, 'reason', t.reason)
           WHEN 'evidence_missing' THEN jsonb_build_object('kind', t.kind, 'reason', t.reason)
           WHEN 'too_long' THEN jsonb_build_object('limit', split_part(f.fault, ':', 3)::int)
           WHEN 'ppks_unknown' THEN jsonb_build_object('kinds', array_to_string(
               ARRAY(SELECT k FROM unnest(t.ppks) AS k WHERE k <> ALL (%(ppks)s::smallint[])), ', '))
           WHEN 'extra_cells' THEN jsonb_build_object('count', t.extra_cells)
           WHEN 'pregnant_age' THEN jsonb_build_object(
               'years', extract(year FROM age(%(today)s::date, t.birth_date)))
           ELSE CASE WHEN f.fault LIKE 'village\_%%' THEN p.params ELSE '{{}}' END
       END AS params
  FROM (SELECT x.*, x.kind NOT IN ('correction', 'removal') AS is_whole FROM {tidy} AS x) AS t
  JOIN {places} AS p ON p.id = t.place_id
  LEFT JOIN regions_region AS nik_home
    ON nik_home.digits = left(t.nik, 6) AND nik_home.level = 'district'
  LEFT JOIN regions_region AS kk_home
    ON kk_home.digits = left(t.kk, 6) AND kk_home.level = 'district'
 CROSS JOIN LATERAL unnest(p.faults || array_remove(ARRAY[
    -- NIK
    CASE WHEN t.nik IS NULL THEN 'missing:nik'
         WHEN t.nik_form = 'odd' AND t.nik ~ '^[0-9]+(,[0-9]+)?[eE]\+?[0-9]+$' THEN 'nik_float'
         WHEN t.nik_form = 'odd' AND t.nik ~ '[^0-9]' THEN 'nik_letters'
         WHEN t.nik_form = 'odd' THEN 'nik_length'
         WHEN t.nik = repeat(left(t.nik, 1), 16)
           OR t.nik = ANY (%(fillers)s) THEN 'nik_filler'
         WHEN right(t.nik, 10) = '0000000000' THEN 'nik_float'
         WHEN right(t.nik, 4) = '0000' THEN 'nik_serial_zero' END,
    CASE WHEN t.nik_form <> 'odd' AND t.birth_date IS NOT NULL
          AND t.nik <> repeat(left(t.nik, 1), 16) AND right(t.nik, 10) <> '0000000000'
          AND t.nik <> ALL (%(fillers)s) THEN
         CASE WHEN substr(t.nik, 7, 6) = t.nik_man AND t.sex IS DISTINCT FROM 'P' THEN NULL
              WHEN substr(t.nik, 7, 6) = t.nik_woman AND t.sex IS DISTINCT FROM 'L' THEN NULL
              WHEN substr(t.nik, 7, 6) IN (t.nik_man, t.nik_woman) THEN 'nik_sex'
              WHEN substr(t.nik, 7, 2)::int %% 40 NOT BETWEEN 1 AND 31
                OR substr(t.nik, 7, 2)::int > 71
                OR substr(t.nik, 9, 2)::int NOT BETWEEN 1 AND 12 THEN 'nik_date_impossible'
              ELSE 'nik_birth_date' END END,
    CASE WHEN t.nik_form <> 'odd' AND nik_home.code IS NULL
          AND t.nik <> repeat(left(t.nik, 1), 16)
          AND t.nik <> ALL (%(fillers)s)
         THEN 'nik_prefix_unknown' END,
    CASE WHEN t.nik_form = 'tidied' THEN 'number_tidied:nik' END,
    -- KK
    CASE WHEN t.kk IS NULL THEN CASE WHEN t.is_whole THEN 'missing:kk' END
         WHEN t.kk_form = 'odd' AND t.kk ~ '^[0-9]+(,[0-9]+)?[eE]\+?[0-9]+$' THEN 'kk_float'
         WHEN t.kk_form = 'odd' AND t.kk ~ '[^0-9]' THEN 'kk_letters'
         WHEN t.kk_form = 'odd' THEN 'kk_length'
         WHEN t.kk = repeat(left(t.kk, 1), 16)
           OR t.kk = ANY (%(fillers)s) THEN 'kk_filler'
         WHEN right(t.kk, 10) = '0000000000' THEN 'kk_float'
         WHEN t.kk = t.nik THEN 'nik_is_kk'
         WHEN kk_home.code IS NULL THEN 'kk_prefix_unknown' END,
    CASE WHEN t.kk_form = 'tidied' THEN 'number_tidied:kk' END,
    -- name
    CASE WHEN t.names IS NULL THEN 'missing:name'
         WHEN t.names[2] !~ E'[^A-Z \']' AND length(t.names[2]) > 2 THEN NULL
         WHEN t.names[2] ~ '[0-9]' THEN 'name_digits'
         WHEN t.names[2] ~ '[^[:alpha:] ''’`.-]' THEN 'name_symbols'
         WHEN length(translate(t.names[2], ' .-', '')) < 2 THEN 'name_short' END,
    CASE WHEN t.names[1] LIKE '%%ALM%%' THEN 'name_deceased'
         WHEN t.names[1] <> '' THEN 'name_titled' END,
    -- dates
    CASE WHEN t.birth_written IS NULL
         THEN CASE WHEN t.is_whole THEN 'missing:birth_date' END
         WHEN t.birth_date > %(today)s THEN 'date_future:birth_date'
         WHEN t.birth_date < %(oldest)s THEN 'date_too_old:birth_date'
         WHEN t.birth_date IS NOT NULL THEN NULL
         WHEN t.birth_written ~ '^[0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}$'
         THEN CASE WHEN substring(t.birth_written FROM '[0-9]{{4}}')::int < %(first_year)s
                   THEN 'date_too_old:birth_date'
                   WHEN substring(t.birth_written FROM '[0-9]{{4}}')::int > %(last_year)s
                   THEN 'date_future:birth_date' ELSE 'date_impossible:birth_date' END
         WHEN t.birth_written ~ '^[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{2}}$'
         THEN 'date_short_year:birth_date'
         ELSE 'date_unreadable:birth_date' END,
    CASE WHEN t.birth_is_serial THEN 'date_serial:birth_date' END,
    -- sex, programme, kind
    CASE WHEN t.sex = '?' THEN 'sex_unknown'
         WHEN t.sex IS NULL AND t.is_whole THEN 'missing:sex' END,
    CASE WHEN t.programme_id IS NOT NULL THEN NULL
         WHEN t.has_programme THEN 'programme_unknown'
         WHEN t.is_whole THEN 'missing:programme' END,
    CASE WHEN t.kind = '?' THEN 'kind_unknown' END,
    -- why a person is removed, and what proves it
    CASE WHEN t.reason IS NULL AND t.kind = 'removal' THEN 'reason_missing'
         WHEN t.reason IS NULL THEN NULL
         WHEN t.is_whole THEN 'reason_unneeded'
         WHEN t.reason = '?' AND t.kind = 'removal' THEN 'reason_unknown' END,
    CASE WHEN t.kind <> 'removal' THEN NULL
         WHEN t.reason_written IS NULL
         THEN CASE WHEN t.reason = ANY (%(dated)s::text[]) THEN 'reason_date_missing' END
         WHEN t.reason_date > %(today)s THEN 'date_future:reason_date'
         WHEN t.reason_date < %(oldest)s THEN 'date_too_old:reason_date'
         WHEN t.reason_date IS NOT NULL THEN NULL
         WHEN t.reason_written ~ '^[0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}$'
         THEN CASE WHEN substring(t.reason_written FROM '[0-9]{{4}}')::int < %(first_year)s
                   THEN 'date_too_old:reason_date'
                   WHEN substring(t.reason_written FROM '[0-9]{{4}}')::int > %(last_year)s
                   THEN 'date_future:reason_date' ELSE 'date_impossible:reason_date' END
         WHEN t.reason_written ~ '^[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{2}}$'
         THEN 'date_short_year:reason_date'
         ELSE 'date_unreadable:reason_date' END,
    CASE WHEN t.kind = 'removal' AND t.reason_is_serial THEN 'date_serial:reason_date' END,
    CASE WHEN t.is_whole THEN NULL
         WHEN t.evidence_kind IS NULL THEN 'evidence_missing'
         WHEN t.evidence_kind = '?' THEN 'evidence_unknown'
         WHEN t.kind = 'removal' AND coalesce(t.reason, '?') = '?' THEN NULL
         WHEN NOT %(accepted)s::jsonb -> CASE t.kind WHEN 'removal' THEN t.reason ELSE '' END
                  ? t.evidence_kind THEN 'evidence_unfit' END,
    CASE WHEN NOT t.is_whole AND t.evidence_number IS NULL
          AND t.evidence_kind = ANY (%(numbered)s::text[]) THEN 'evidence_number_missing' END,
    CASE WHEN length(t.evidence_number) > %(longest_evidence_number)s
         THEN 'too_long:evidence_number:' || %(longest_evidence_number)s::text END,
    -- address and words
    CASE WHEN t.rt = '?' THEN 'rt_not_number' END,
    CASE WHEN t.rw = '?' THEN 'rw_not_number' END,
    CASE WHEN length(t.names[2]) > %(longest_name)s
         THEN 'too_long:name:' || %(longest_name)s::text END,
    CASE WHEN length(t.address) > %(longest_address)s
         THEN 'too_long:address:' || %(longest_address)s::text END,
    CASE WHEN length(t.birth_place) > %(longest_birth_place)s
         THEN 'too_long:birth_place:' || %(longest_birth_place)s::text END,
    CASE WHEN length(t.mother_name) > %(longest_mother_name)s
         THEN 'too_long:mother_name:' || %(longest_mother_name)s::text END,
    CASE WHEN length(t.occupation) > %(longest_occupation)s
         THEN 'too_long:occupation:' || %(longest_occupation)s::text END,
    CASE WHEN length(t.marital_status) > %(longest_marital_status)s
         THEN 'too_long:marital_status:' || %(longest_marital_status)s::text END,
    CASE WHEN length(t.relation) > %(longest_relation)s
         THEN 'too_long:relation:' || %(longest_relation)s::text END,
    CASE WHEN length(t.disability_kind) > %(longest_disability_kind)s
         THEN 'too_long:disability_kind:' || %(longest_disability_kind)s::text END,
    CASE WHEN length(t.identity_note) > %(longest_identity_note)s
         THEN 'too_long:identity_note:' || %(longest_identity_note)s::text END,
    CASE WHEN left(t.address, 1) IN ('=', '+', '@') THEN 'formula_text:address' END,
    CASE WHEN left(t.birth_place, 1) IN ('=', '+', '@') THEN 'formula_text:birth_place' END,
    CASE WHEN left(t.mother_name, 1) IN ('=', '+', '@') THEN 'formula_text:mother_name' END,
    CASE WHEN left(t.occupation, 1) IN ('=', '+', '@') THEN 'formula_text:occupation' END,
    CASE WHEN t.extra_cells > 0 THEN 'extra_cells' END,
    -- PPKS, disability, pregnancy
    CASE WHEN NOT t.has_ppks THEN NULL
         WHEN t.ppks IS NULL THEN 'ppks_unreadable'
         WHEN NOT t.ppks <@ %(ppks)s::smallint[]
         THEN 'ppks_unknown' END,
    CASE WHEN t.disability = '?' THEN 'disability_unknown'
         WHEN t.disability = 'YA' AND t.disability_kind IS NULL THEN 'disability_without_kind'
         WHEN t.disability = 'TIDAK' AND t.disability_kind NOT IN ('0', '00')
         THEN 'disability_kind_unneeded' END,
    CASE WHEN t.pregnant = '?' THEN 'pregnant_unknown'
         WHEN t.pregnant = 'YA' AND t.sex = 'L' THEN 'pregnant_man'
         WHEN t.pregnant = 'YA' AND (t.birth_date > %(today)s::date - make_interval(years => %(pregnant_from)s)
                                     OR t.birth_date <= %(today)s::date - make_interval(years => %(pregnant_to)s))
         THEN 'pregnant_age' END,
    CASE WHEN t.pregnant = 'TIDAK' AND t.pregnancy_written IS NOT NULL
         THEN 'pregnancy_date_unneeded'
         WHEN t.pregnant <> 'YA' THEN NULL
         WHEN t.pregnancy_written IS NULL THEN 'pregnancy_date_missing'
         WHEN t.pregnancy_date > %(today)s THEN 'date_future:pregnancy_date'
         WHEN t.pregnancy_date < %(pregnant_since)s THEN 'pregnancy_date_old'
         WHEN t.pregnancy_date IS NOT NULL THEN NULL
         WHEN t.pregnancy_written ~ '^[0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}$'
         THEN 'date_impossible:pregnancy_date'
         ELSE 'date_unreadable:pregnancy_date' END,
    CASE WHEN t.pregnant = 'YA' AND t.pregnancy_is_serial THEN 'date_serial:pregnancy_date' END,
    -- the point, as written
    CASE WHEN t.has_latitude AND NOT t.has_longitude THEN 'coordinate_half:longitude'
         WHEN t.has_longitude AND NOT t.has_latitude THEN 'coordinate_half:latitude'
         WHEN t.has_latitude AND t.latitude IS NULL THEN 'coordinate_unreadable:latitude' END,
    CASE WHEN t.has_latitude AND t.has_longitude AND t.longitude IS NULL
         THEN 'coordinate_unreadable:longitude' END,
    CASE WHEN t.has_accuracy AND t.accuracy_m IS NULL THEN 'accuracy_unreadable' END
 ]::text[], NULL)) AS f (fault)
