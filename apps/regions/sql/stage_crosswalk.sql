-- Makes the tables of a crosswalk, dropped with the transaction: its rows as text, and (next
-- statement) those whose region is known.
-- Parameters: none. Result: none.
DROP TABLE IF EXISTS pg_temp.crosswalk_rows, pg_temp.known_codes;
CREATE TEMPORARY TABLE crosswalk_rows (
    row_number bigint, bps_code text, code text, rest text
) ON COMMIT DROP;
