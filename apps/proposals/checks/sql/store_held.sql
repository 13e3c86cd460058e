-- Stores the rows that must be corrected as held rows, as they were sent.
-- Parameters: batch. Tables: staging, tidy, placed, weighed.
INSERT INTO proposals_heldrow (
    batch_id, row_number, village_code, values, verdict, location, distance_m, actual_village_code,
    flags)
SELECT %(batch)s, s.row_number, coalesce(p.village_id, ''),
       jsonb_strip_nulls(to_jsonb(s) - 'row_number' - 'extra_cells'), p.verdict,
       CASE WHEN p.verdict <> 'no_point' AND NOT p.is_beyond
            THEN ST_SetSRID(ST_MakePoint(p.longitude, p.latitude), 4326) END,
       p.distance_m, coalesce(p.actual_village_id, ''), p.flags
  FROM {weighed} AS w
  JOIN {staging} AS s USING (row_number)
  JOIN {placed} AS p USING (row_number)
 WHERE w.severity = 3
 ORDER BY s.row_number
