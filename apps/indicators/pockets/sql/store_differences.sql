-- Stores the villages that are a pocket in at least one of two editions, once for a pair of editions.
-- Parameters: published, computed (numbers of editions). Result: rows by kind.
-- The counts are those of the computed edition; a village without registered families has zeros. A
-- village of which the register does not say whether it is a pocket is among them where BIG says so.
-- Plan: by rows
WITH ours AS (
    SELECT * FROM indicators_pocketvillage WHERE edition_id = %(computed)s
), theirs AS (
    SELECT village_id, share_area FROM indicators_pocketvillage
     WHERE edition_id = %(published)s AND is_pocket
), both_sides AS (
    SELECT coalesce(t.village_id, o.village_id) AS village_id, t.share_area,
           CASE WHEN t.village_id IS NULL THEN 'computed'
                WHEN o.village_id IS NOT NULL AND o.is_pocket IS NULL THEN 'hidden'
                WHEN o.is_pocket THEN 'agree' ELSE 'published' END AS kind,
           coalesce(o.families, 0) AS families, coalesce(o.persons, 0) AS persons,
           coalesce(o.counted, 0) AS counted, o.per_km2, o.percent,
           coalesce(o.hidden, '{}') AS hidden
      FROM theirs AS t
      FULL JOIN ours AS o ON o.village_id = t.village_id
     WHERE t.village_id IS NOT NULL OR o.is_pocket
), stored AS (
    INSERT INTO indicators_pocketdifference
           (published_id, computed_id, village_id, kind, share_area, families, persons, counted,
            per_km2, percent, hidden, answer, remark, answered_by)
    SELECT %(published)s, %(computed)s, village_id, kind, share_area, families, persons, counted,
           per_km2, percent, hidden, '', '', ''
      FROM both_sides
        ON CONFLICT (published_id, computed_id, village_id) DO NOTHING
    RETURNING kind
)
SELECT kind, count(*) FROM stored GROUP BY kind
