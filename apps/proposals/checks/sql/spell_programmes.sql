-- Every accepted spelling of a programme. It is a table because workers of a parallel plan can read
-- a table, but cannot run a query with set-returning functions.
-- Tables: programmes (is made). Result: spelling (in capitals), code.
CREATE UNLOGGED TABLE {programmes} AS
SELECT upper(code) AS spelling, code FROM registry_programme
UNION SELECT upper(unnest(synonyms)), code FROM registry_programme
UNION SELECT upper(name), code FROM registry_programme
