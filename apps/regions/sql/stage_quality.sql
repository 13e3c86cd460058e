-- Makes the tables of the quality report. Tables: overlaps, unions, gaps, outsiders, changes. Result: none.
DROP TABLE IF EXISTS {overlaps}, {unions}, {gaps}, {outsiders}, {changes};
CREATE UNLOGGED TABLE {overlaps} (
    region varchar(13) COLLATE "C", other varchar(13) COLLATE "C",
    area_m2 double precision, place geometry
);
CREATE UNLOGGED TABLE {unions} (region varchar(13) COLLATE "C", boundary geometry);
CREATE UNLOGGED TABLE {gaps} (
    region varchar(13) COLLATE "C", area_m2 double precision, place geometry
);
CREATE UNLOGGED TABLE {changes} (
    kind text, region varchar(13) COLLATE "C", area_m2 double precision, former_id bigint
);
CREATE UNLOGGED TABLE {outsiders} (
    region varchar(13) COLLATE "C", parent varchar(13), share double precision,
    neighbour varchar(13)
);
