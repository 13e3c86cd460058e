-- Removes what an earlier attempt stored; nothing of it is in force. Parameters: edition.
DELETE FROM regions_boundary WHERE edition_id = %(edition)s AND NOT is_current;
