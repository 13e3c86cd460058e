-- The points of open proposals that a change of boundaries may concern.
-- Parameters: codes (changed villages), open (statuses). Tables: points (is made).
-- Result: row_number (the proposal's id), village_id, kk, longitude, latitude. Rows whose point was
-- in no village are all included, as any new polygon may contain them.
-- Plan: one table
CREATE UNLOGGED TABLE {points} AS
SELECT p.id AS row_number, p.village_id, p.kk, ST_X(p.location) AS longitude,
       ST_Y(p.location) AS latitude
  FROM proposals_proposal AS p
 WHERE p.status = ANY (%(open)s) AND p.location IS NOT NULL
   AND (p.village_id = ANY (%(codes)s) OR p.actual_village_id = ANY (%(codes)s)
        OR (p.actual_village_id IS NULL AND p.verdict IN ('unmapped', 'near_border', 'no_polygon')))
