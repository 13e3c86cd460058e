-- Purpose: preview of the changed rows: counts per verdict before and after, ready and held,
--   examples, and points for a map. Without names; rows of protected kinds of need, and of their families, have no
--   point.
-- Parameters: batch, protected (PPKS), most_examples, most_points.
-- Tables: before, staging, changes, fresh (numbers of the rows that changed), placed and weighed
--   (their new judgement).
-- Result: one json object.
-- Plan: by rows
WITH turned AS MATERIALIZED (
    SELECT s.row_number, coalesce(p.verdict, h.verdict, '') AS was, n.verdict AS becomes,
           coalesce(w.severity, 0) < 3 AS is_ready, p.id IS NOT NULL AS was_ready,
           coalesce(p.location, h.location) AS location, n.longitude, n.latitude, n.is_beyond,
           t.ppks && %(protected)s::smallint[] IS TRUE OR p.is_protected IS TRUE OR t.kk IN (
               SELECT kk FROM {tidy} WHERE ppks && %(protected)s::smallint[]
               UNION
               SELECT proposals_protected_cards(ARRAY(SELECT DISTINCT kk::text FROM {tidy}))) IS TRUE
               AS is_protected,
           c.changes
      FROM {staging} AS s
      JOIN {fresh} AS f USING (row_number)
      JOIN {changes} AS c USING (row_number)
      JOIN {tidy} AS t USING (row_number)
      JOIN {placed} AS n USING (row_number)
      LEFT JOIN {weighed} AS w USING (row_number)
      LEFT JOIN proposals_proposal AS p ON p.batch_id = %(batch)s AND p.row_number = s.row_number
      LEFT JOIN proposals_heldrow AS h ON h.batch_id = %(batch)s AND h.row_number = s.row_number
)
SELECT jsonb_build_object(
    'rows', (SELECT count(*) FROM turned),
    'ready', (SELECT count(*) FROM turned WHERE is_ready),
    'held', (SELECT count(*) FROM turned WHERE NOT is_ready),
    'was_ready', (SELECT count(*) FROM turned WHERE was_ready),
    'before', (SELECT coalesce(jsonb_object_agg(was, n), '{{}}')
                 FROM (SELECT was, count(*) AS n FROM turned GROUP BY was) AS v),
    'after', (SELECT coalesce(jsonb_object_agg(becomes, n), '{{}}')
                FROM (SELECT becomes, count(*) AS n FROM turned GROUP BY becomes) AS v),
    'examples', (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.row_number), '[]') FROM (
        SELECT u.row_number, u.was, u.becomes, u.is_ready, u.is_protected,
               (SELECT jsonb_object_agg(k.key, to_jsonb(b) -> k.key)
                  FROM jsonb_object_keys(u.changes) AS k (key)
                 WHERE to_jsonb(b) -> k.key IS DISTINCT FROM u.changes -> k.key) AS old,
               (SELECT jsonb_object_agg(k.key, u.changes -> k.key)
                  FROM jsonb_object_keys(u.changes) AS k (key)
                 WHERE to_jsonb(b) -> k.key IS DISTINCT FROM u.changes -> k.key) AS new
          FROM turned AS u JOIN {before} AS b USING (row_number)
         ORDER BY u.row_number LIMIT %(most_examples)s) AS e),
    'points', (SELECT coalesce(jsonb_agg(jsonb_build_array(
                   round(ST_X(location)::numeric, 5), round(ST_Y(location)::numeric, 5), was,
                   round(longitude::numeric, 5), round(latitude::numeric, 5), becomes, row_number)),
                   '[]')
                 FROM (SELECT * FROM turned
                        WHERE NOT is_protected AND NOT is_beyond AND becomes NOT IN ('', 'no_point')
                        ORDER BY row_number LIMIT %(most_points)s) AS p))
