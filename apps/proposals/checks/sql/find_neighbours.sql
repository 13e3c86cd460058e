-- Rows of the batch whose findings may change because of the staged ones: the same NIK, a family in
-- two villages, a shared point; by the present and by the earlier values of the staged rows.
-- Parameters: batch, shared_by. Tables: tidy (of the staged rows), near (gets rows: row_number).
-- Result: none. Index: proposals_proposal (batch_id, row_number).
-- Plan: by rows
INSERT INTO {near} (row_number)
WITH stored AS MATERIALIZED (
    SELECT row_number, nik, kk, village_id, location, flags
      FROM proposals_proposal WHERE batch_id = %(batch)s
    UNION ALL
    SELECT row_number, translate(values ->> 'nik', E' .-\'’‘`\u00a0', ''),
           translate(values ->> 'kk', E' .-\'’‘`\u00a0', ''), nullif(village_code, ''), location,
           flags
      FROM proposals_heldrow WHERE batch_id = %(batch)s
), other AS MATERIALIZED (
    SELECT s.* FROM stored AS s WHERE NOT EXISTS (SELECT FROM {tidy} AS t
                                                   WHERE t.row_number = s.row_number)
), staged AS MATERIALIZED (
    SELECT t.nik, t.kk, t.village_id,
           ST_SetSRID(ST_MakePoint(t.longitude, t.latitude), 4326) AS location FROM {tidy} AS t
    UNION
    SELECT s.nik, s.kk, s.village_id, s.location FROM stored AS s
      JOIN {tidy} AS t USING (row_number)
), torn AS MATERIALIZED (
    SELECT row_number FROM proposals_finding
     WHERE batch_id = %(batch)s AND code = 'kk_two_villages'
), crowded AS MATERIALIZED (
    SELECT o.location FROM other AS o
      JOIN (SELECT DISTINCT location FROM staged) AS g ON g.location = o.location
     GROUP BY o.location HAVING count(*) >= %(shared_by)s - 1
)
SELECT o.row_number FROM other AS o JOIN staged AS g ON g.nik = o.nik
UNION
SELECT o.row_number FROM other AS o JOIN staged AS g ON g.kk = o.kk
 WHERE g.village_id <> o.village_id OR o.row_number IN (SELECT row_number FROM torn)
UNION
SELECT o.row_number FROM other AS o JOIN crowded AS c ON c.location = o.location
