-- Purpose: the degrees of a typed point, by the same reader as for files.
-- Parameters: latitude, longitude (texts). Result: one row, latitude, longitude; null is unreadable.
SELECT proposals_degrees(%(latitude)s), proposals_degrees(%(longitude)s)
