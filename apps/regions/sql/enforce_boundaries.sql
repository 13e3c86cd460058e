-- Puts an edition's polygons in force, after retire_boundaries. Parameters: edition. Result: none.
UPDATE regions_boundary SET is_current = true WHERE edition_id = %(edition)s AND NOT is_current;
