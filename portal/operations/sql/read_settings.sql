-- The active values of some settings of the database server.
-- Parameters: names. Result: name, setting.
SELECT name, setting FROM pg_settings WHERE name = ANY (%(names)s)
