-- The numbers of an import. Tables: rows, shapes, villages, overlaps, gaps. Parameters: edition.
-- Result: one row. Units: m².
SELECT
    (SELECT count(*) FROM {rows}) AS "read",
    (SELECT count(*) FROM {villages}) AS stored,
    (SELECT count(*) FROM {villages} WHERE is_repaired) AS repaired,
    (SELECT count(*) FROM {shapes} WHERE reason IS NOT NULL) AS refused,
    (SELECT count(*) FROM {shapes} WHERE reason IS NULL AND region IS NULL) AS unknown_codes,
    (SELECT count(*) FROM {villages} WHERE is_renamed) AS renamed,
    (SELECT count(*) FROM {villages} WHERE features > 1) AS merged,
    (SELECT count(*) FROM {overlaps}) AS overlaps,
    (SELECT coalesce(round(sum(area_m2)), 0)::float FROM {overlaps}) AS overlaps_m2,
    (SELECT count(*) FROM {gaps}) AS gaps,
    (SELECT coalesce(round(sum(area_m2)), 0)::float FROM {gaps}) AS gaps_m2;
