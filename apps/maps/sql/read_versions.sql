-- The versions of all that a thematic map is made of, as one text: its tables of counts, outlines,
-- names of regions, indicators, releases, pockets, hazard-prone zones, programmes.
-- Parameters: tables (names of the tables of counts).
-- Result: one row. Cost: a fraction of a millisecond; each table has few rows that count.
SELECT concat_ws('/',
    (SELECT string_agg(t.name || ':' || coalesce(s.versions ->> t.name, '0'), ',' ORDER BY t.name)
       FROM unnest(%(tables)s::text[]) AS t (name) LEFT JOIN indicators_countstate AS s ON true),
    coalesce((SELECT max(id) FROM regions_shapeset WHERE ready_at IS NOT NULL), 0),
    coalesce((SELECT version FROM regions_treeversion), 0),
    coalesce((SELECT md5(string_agg(concat_ws('|', code, name, name_en, kind, unit, decimals,
                                              is_sensitive), ',' ORDER BY code))
                FROM indicators_indicator), ''),
    coalesce((SELECT md5(string_agg(id::text, ',' ORDER BY id))
                FROM indicators_release WHERE is_current), ''),
    coalesce((SELECT string_agg(id::text, ',' ORDER BY id)
                FROM indicators_pocketedition WHERE status = 'active'), ''),
    coalesce((SELECT md5(string_agg(id || ':' || coalesce(boundaries_at::text, ''), ',' ORDER BY id))
                FROM commandcentre_zoneedition WHERE is_current), ''),
    (SELECT count(*) FROM registry_programme))
