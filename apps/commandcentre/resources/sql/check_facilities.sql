-- The faults and doubts of each staged facility.
--
-- Tables: placed (place_rows).
-- Result: row_number, reference, name, kind, village_id, location, is_estimated, address, office,
--   phone, active; findings (text[] of codes of resources/messages.py; those that refuse:
--   placed_rows.REFUSES), params (jsonb for their texts).
-- Indexes: that of commandcentre_facility (location).
WITH keyed AS (
    SELECT f.*,
           first_value(f.row_number) OVER reference AS first_reference,
           first_value(f.row_number) OVER identity AS first_identity,
           first_value(f.row_number) OVER point AS first_point,
           first_value(f.name) OVER point AS first_name
      FROM {placed} AS f
    WINDOW reference AS (PARTITION BY f.reference ORDER BY f.row_number),
           identity AS (PARTITION BY f.kind, lower(f.name), ST_AsEWKB(f.location), f.address
                        ORDER BY f.row_number),
           point AS (PARTITION BY ST_AsEWKB(f.location) ORDER BY f.row_number)
), judged AS (
    SELECT k.*, k.has_point AND k.first_point < k.row_number AS is_shared, known.name AS known_name,
           CASE WHEN k.reference IS NOT NULL AND k.first_reference < k.row_number
                THEN k.first_reference
                WHEN k.reference IS NULL AND k.first_identity < k.row_number
                THEN k.first_identity END AS twice
      FROM keyed AS k
      LEFT JOIN LATERAL (
           SELECT c.name FROM commandcentre_facility AS c
            WHERE c.location && k.location AND ST_Equals(c.location, k.location)
              AND lower(c.name) <> lower(k.name)
              AND (k.reference IS NULL OR c.reference <> k.reference)
            ORDER BY c.id LIMIT 1
           ) AS known ON k.has_point
)
SELECT j.row_number, j.reference, j.name, j.kind, j.village_id, j.location, j.is_estimated,
       j.address, j.office, j.phone, j.active,
       array_remove(ARRAY[
           coalesce(j.point_fault, CASE WHEN j.location IS NULL THEN 'point_missing' END),
           CASE WHEN j.twice IS NOT NULL THEN 'facility_twice' END,
           CASE WHEN j.point_fault IS NULL THEN j.point_doubt END,
           CASE WHEN j.twice IS NOT NULL OR j.point_fault IS NOT NULL THEN NULL
                WHEN j.is_shared THEN 'point_shared'
                WHEN j.known_name IS NOT NULL THEN 'point_known' END
       ], NULL) AS findings,
       jsonb_strip_nulls(jsonb_build_object(
           'point', j.point,
           'other_row', coalesce(j.twice, CASE WHEN j.is_shared THEN j.first_point END),
           'other', CASE WHEN j.is_shared THEN j.first_name ELSE j.known_name END,
           'claimed', j.claimed, 'claimed_name', said.name,
           'actual', j.actual_village_id, 'actual_name', actual.name)) AS params
  FROM judged AS j
  LEFT JOIN regions_region AS said ON said.code = j.claimed
  LEFT JOIN regions_region AS actual ON actual.code = j.actual_village_id
