-- The faults and doubts of each staged responder.
--
-- Tables: placed (place_rows).
-- Result: row_number, reference, name, kind, village_id, location (null where no point was written),
--   phone, active; findings (text[] of codes of resources/messages.py; those that refuse:
--   placed_rows.REFUSES), params (jsonb for their texts).
WITH keyed AS (
    SELECT p.*,
           first_value(p.row_number) OVER reference AS first_reference,
           first_value(p.row_number) OVER (PARTITION BY p.kind, p.phone ORDER BY p.row_number)
               AS first_phone
      FROM {placed} AS p
    WINDOW reference AS (PARTITION BY p.reference ORDER BY p.row_number)
), judged AS (
    SELECT k.*,
           CASE WHEN k.first_phone < k.row_number THEN k.first_phone
                WHEN k.reference IS NOT NULL AND k.first_reference < k.row_number
                THEN k.first_reference END AS twice
      FROM keyed AS k
)
SELECT j.row_number, j.reference, j.name, j.kind, j.village_id,
       CASE WHEN j.has_point THEN j.location END AS location, j.phone, j.active,
       array_remove(ARRAY[
           coalesce(j.point_fault, CASE WHEN j.village_id IS NULL THEN 'responder_no_village' END),
           CASE WHEN j.twice IS NOT NULL THEN 'responder_twice' END,
           CASE WHEN j.point_fault IS NULL AND j.village_id IS NOT NULL
                THEN nullif(j.point_doubt, 'point_estimated') END
       ], NULL) AS findings,
       jsonb_strip_nulls(jsonb_build_object(
           'point', j.point, 'other_row', j.twice,
           'claimed', j.claimed, 'claimed_name', said.name,
           'actual', j.actual_village_id, 'actual_name', actual.name)) AS params
  FROM judged AS j
  LEFT JOIN regions_region AS said ON said.code = j.claimed
  LEFT JOIN regions_region AS actual ON actual.code = j.actual_village_id
