-- The rows whose person or family is registered, and the differences between both, by exact text
-- and by distance. `checks.identity` compares the names that are spelled differently.
-- Parameters: moved_m (a point farther away is another point), explained_chars (least length of an
--   explanation).
-- Tables: tidy (from tidy_rows, or from draw_proposals), homes (from find_homes), known (is made).
-- Result: a row for each whose NIK belongs to an active person, and for each other whose KK belongs to
--   an active family that lives elsewhere (person_id is then null). kind, programme_id, village_id,
--   birth_date, name, mother_name, nik of the row, is_explained; of the register person_id,
--   family_id, known_* and differs, the fields that are filled on both sides and not equal; where a
--   correction lives is not among them, it says itself what it moves (stage_requests).
-- Index: registry_person_nik; families, and persons without a row of their own, are looked up by key
-- (OFFSET 0): few of the rows are known, and a join would read all families.
-- Measured: 100,000 rows against a million persons 0.5 s, two workers 0.25 s.
-- Plan: by key
CREATE UNLOGGED TABLE {known} AS
SELECT x.*, w.name_differs, w.mother_differs, d.differs
  FROM (SELECT t.row_number, t.kind, t.programme_id, t.village_id, t.birth_date, t.sex, t.nik, t.kk,
               t.names[2] AS name, coalesce(t.mother_name, '') AS mother_name, t.address, t.rt, t.rw,
               t.latitude, t.longitude,
               coalesce(length(btrim(t.identity_note)) >= %(explained_chars)s, false)
                   AS is_explained,
               p.id AS person_id, p.family_id, p.name AS known_name,
               p.mother_name AS known_mother, p.birth_date AS known_birth_date,
               p.sex AS known_sex, f.kk AS known_kk, p.village_id AS known_village,
               f.address AS known_address, f.rt AS known_rt, f.rw AS known_rw, f.location
          FROM {tidy} AS t
          JOIN registry_person AS p
            ON p.nik = t.nik AND p.status = 'active' AND NOT p.is_nik_disputed
          LEFT JOIN LATERAL (
               SELECT kk, address, rt, rw, location FROM registry_family
                WHERE id = p.family_id OFFSET 0) AS f ON true
         WHERE t.nik_form <> 'odd'
         UNION ALL
        SELECT h.row_number, h.kind, h.programme_id, h.village_id, h.birth_date, h.sex, h.nik, h.kk,
               h.name, h.mother_name, h.address, h.rt, h.rw, h.latitude, h.longitude, false, NULL,
               h.family_id, '', '', NULL, '', h.known_kk, h.known_village, h.known_address,
               h.known_rt, h.known_rw, h.location
          FROM {homes} AS h
          LEFT JOIN LATERAL (
               SELECT p.id FROM registry_person AS p
                WHERE p.nik = h.nik AND p.status = 'active' AND NOT p.is_nik_disputed
               OFFSET 0) AS own ON true
         WHERE own.id IS NULL) AS x
 CROSS JOIN LATERAL (
       -- equal values are compared first, because cleaning the text costs more
       SELECT x.person_id IS NOT NULL AND x.name IS DISTINCT FROM x.known_name
              AND x.name IS DISTINCT FROM
                  upper(btrim(regexp_replace(x.known_name, '\s+', ' ', 'g'))) AS name_differs,
              x.mother_name <> x.known_mother AND x.mother_name <> '' AND x.known_mother <> ''
              AND upper(btrim(regexp_replace(x.mother_name, '\s+', ' ', 'g'))) <>
                  upper(btrim(regexp_replace(x.known_mother, '\s+', ' ', 'g'))) AS mother_differs
       ) AS w
 CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
       CASE WHEN x.birth_date <> x.known_birth_date THEN 'birth_date' END,
       CASE WHEN x.sex IN ('L', 'P') AND x.known_sex <> '' AND x.sex <> x.known_sex THEN 'sex' END,
       CASE WHEN x.kind = 'new' AND x.kk <> x.known_kk THEN 'kk' END,
       CASE WHEN x.kind <> 'correction' AND x.village_id <> x.known_village THEN 'village' END,
       CASE WHEN x.kind <> 'new' THEN NULL
            WHEN x.address <> x.known_address
             AND regexp_replace(upper(x.address), '[^A-Z0-9]', '', 'g') <>
                 coalesce(nullif(regexp_replace(upper(x.known_address), '[^A-Z0-9]', '', 'g'), ''),
                          regexp_replace(upper(x.address), '[^A-Z0-9]', '', 'g'))
                 AND x.address ~ '[[:alnum:]]'
              OR ltrim(x.rt, '0') <> ltrim(x.known_rt, '0')
             AND x.rt ~ '^[0-9]+$' AND x.known_rt ~ '^[0-9]+$'
              OR ltrim(x.rw, '0') <> ltrim(x.known_rw, '0')
             AND x.rw ~ '^[0-9]+$' AND x.known_rw ~ '^[0-9]+$'
            THEN 'address' END,
       CASE WHEN x.kind = 'new' AND abs(x.latitude) <= 90 AND abs(x.longitude) <= 180
             AND NOT (x.latitude = 0 AND x.longitude = 0)
             AND ST_DistanceSphere(x.location, ST_SetSRID(ST_MakePoint(x.longitude, x.latitude),
                                                          4326)) > %(moved_m)s
            THEN 'location' END], NULL) AS differs) AS d
 WHERE x.person_id IS NOT NULL OR d.differs && ARRAY['village', 'address', 'location']
