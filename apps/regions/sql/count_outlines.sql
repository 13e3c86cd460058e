-- How many outlines of an edition lie in a box. Parameters: edition, west, south, east, north.
SELECT count(*) FROM regions_boundary
WHERE edition_id = %(edition)s
    AND boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326);
