-- Purpose: one line per row of a batch's file, in its order: its status and its findings.
-- Parameters: batch, protected (ids of its held rows whose point is protected). Index: proposals_proposal (batch_id, row_number), and the same for its
--   findings.
-- Result: row, status (held, dropped, or the proposal's), verdict, actual_village, distance_m (metres outside
--   the claimed border), flags and findings (codes, separated by spaces), kind
--   (new, correction, removal; empty where the row is no proposal), point (GeoJSON; null where there is none,
--   or a protected one).
SELECT r.row_number, r.status, r.verdict, coalesce(r.actual, ''),
       round(r.distance_m::numeric, 2)::double precision, array_to_string(r.flags, ' '),
       coalesce(f.codes, ''), r.kind,
       CASE WHEN NOT r.is_protected THEN ST_AsGeoJSON(r.location, 7) END
  FROM (SELECT row_number, status, verdict, actual_village_id AS actual, distance_m, flags, location,
               kind, is_protected
          FROM proposals_proposal WHERE batch_id = %(batch)s
        UNION ALL
        SELECT row_number, 'held', verdict, actual_village_code, distance_m, flags, location, '',
               id = ANY (%(protected)s::bigint[])
          FROM proposals_heldrow WHERE batch_id = %(batch)s
        UNION ALL
        SELECT row_number, 'dropped', '', '', NULL, NULL, NULL, '', false
          FROM proposals_droppedrow WHERE batch_id = %(batch)s) AS r
  LEFT JOIN (SELECT row_number, string_agg(code, ' ' ORDER BY severity DESC, code) AS codes
               FROM proposals_finding WHERE batch_id = %(batch)s GROUP BY row_number) AS f
 USING (row_number)
 ORDER BY r.row_number
