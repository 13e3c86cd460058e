-- Removes the rows of an earlier attempt; none of them is in force. Parameters: edition.
DELETE FROM regions_boundary WHERE edition_id = %(edition)s AND NOT is_current;
