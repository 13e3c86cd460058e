-- Every spelling of a programme that is understood. A table, for the workers of a parallel plan can
-- read it, and cannot run a query with set-returning functions.
-- Tables: programmes (is made). Result: spelling (in capitals), code.
CREATE UNLOGGED TABLE {programmes} AS
SELECT upper(code) AS spelling, code FROM registry_programme
UNION SELECT upper(unnest(synonyms)), code FROM registry_programme
UNION SELECT upper(name), code FROM registry_programme
