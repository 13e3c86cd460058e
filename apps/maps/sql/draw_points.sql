-- One tile of proposals: each point, or, where there are more than `most`, counts of squares by
-- verdict. The worst verdict is last, so that it is drawn on top.
-- Parameters: west, south, east, north (Mercator metres), verdicts (from best to worst), most,
-- square_m. Reads: selected (id, verdict, flags, longitude, latitude).
-- Result: the tile (MVT), the ids of its points, how many rows. A point on a border belongs to one tile only.
-- Index: proposals_proposal_cell, in `selected`. Measured: see bench/tiles.py.
WITH placed AS (
    SELECT s.id, s.verdict, s.flags,
           ST_Transform(ST_SetSRID(ST_MakePoint(s.longitude, s.latitude), 4326), 3857) AS place
    FROM selected AS s
), inside AS MATERIALIZED (
    SELECT id, verdict, flags, place, array_position(%(verdicts)s::text[], verdict::text) AS rank
    FROM placed
    WHERE ST_X(place) >= %(west)s AND ST_X(place) < %(east)s
        AND ST_Y(place) > %(south)s AND ST_Y(place) <= %(north)s
), total AS (
    SELECT count(*) AS rows FROM inside
), box AS (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857) AS box
), points AS (
    SELECT i.id, i.verdict, nullif(array_to_string(i.flags, ','), '') AS flags,
           ST_AsMVTGeom(i.place, box.box, 4096, 0, false) AS geom
    FROM inside AS i, box, total WHERE total.rows <= %(most)s ORDER BY i.rank, i.id
), squares AS (
    SELECT ST_Centroid(ST_Collect(i.place)) AS place,
           count(*)::int AS n, (%(verdicts)s::text[])[max(i.rank)] AS worst,
           nullif(count(*) FILTER (WHERE i.verdict = 'no_polygon'), 0)::int AS no_polygon,
           nullif(count(*) FILTER (WHERE i.verdict = 'inside'), 0)::int AS inside,
           nullif(count(*) FILTER (WHERE i.verdict = 'near_border'), 0)::int AS near_border,
           nullif(count(*) FILTER (WHERE i.verdict = 'neighbour'), 0)::int AS neighbour,
           nullif(count(*) FILTER (WHERE i.verdict = 'elsewhere'), 0)::int AS elsewhere,
           nullif(count(*) FILTER (WHERE i.verdict = 'unmapped'), 0)::int AS unmapped
    FROM inside AS i, total WHERE total.rows > %(most)s
    GROUP BY ST_SnapToGrid(i.place, %(west)s, %(south)s, %(square_m)s, %(square_m)s)
)
SELECT coalesce((SELECT ST_AsMVT(p, 'point', 4096, 'geom', 'id')
                 FROM (SELECT id, verdict, flags, geom FROM points) AS p), '')
       || coalesce((SELECT ST_AsMVT(s, 'count', 4096, 'geom')
                    FROM (SELECT ST_AsMVTGeom(q.place, box.box, 4096, 0, false) AS geom, q.n,
                                 q.worst, q.no_polygon, q.inside, q.near_border, q.neighbour,
                                 q.elsewhere, q.unmapped
                          FROM squares AS q, box ORDER BY q.n) AS s), ''),
       (SELECT array_agg(id) FROM points), (SELECT rows FROM total)
