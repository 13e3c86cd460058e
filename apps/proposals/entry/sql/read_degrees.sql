-- The degrees of a point as it was typed, by the reader that files use.
-- Parameters: latitude, longitude (texts). Result: one row, latitude, longitude; null is unreadable.
SELECT proposals_degrees(%(latitude)s), proposals_degrees(%(longitude)s)
