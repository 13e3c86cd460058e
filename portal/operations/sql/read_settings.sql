-- Some settings of the database server, as they are in force.
-- Parameters: names. Result: name, setting.
SELECT name, setting FROM pg_settings WHERE name = ANY (%(names)s)
