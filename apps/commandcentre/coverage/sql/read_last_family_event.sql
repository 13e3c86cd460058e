-- The number of the last event of the register's families. Index: the key of the events.
SELECT coalesce(max(pgh_id), 0) FROM registry_familyevent
