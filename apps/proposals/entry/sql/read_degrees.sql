-- Purpose: the degrees of a typed point, by the same reader as for files.
-- Parameters: latitude, longitude (texts). Result: one row, latitude, longitude; null is unreadable.
SELECT regions_degrees(%(latitude)s), regions_degrees(%(longitude)s)
