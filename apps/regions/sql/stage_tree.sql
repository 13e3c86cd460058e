-- Makes the import's own tables, dropped with its transaction: the rows of one file as text, and
-- the
-- regions of all files with their periods.
-- Parameters: none. Result: none.
DROP TABLE IF EXISTS pg_temp.region_rows, pg_temp.wanted_regions;
CREATE TEMPORARY TABLE region_rows (
    row_number bigint, code text, name text, decree text, valid_from text, valid_until text,
    name_1 text, name_2 text, name_3 text, name_4 text, name_5 text, name_6 text,
    name_7 text, name_8 text, name_9 text, name_10 text, name_11 text, name_12 text,
    rest text
) ON COMMIT DROP;
-- `is_dated`: the list itself has the dates on which the code began and ended.
CREATE TEMPORARY TABLE wanted_regions (
    row_number bigint, code varchar(13) COLLATE "C", raw_code text, name text, decree text,
    valid_from date, valid_until date, is_dated boolean
) ON COMMIT DROP;
