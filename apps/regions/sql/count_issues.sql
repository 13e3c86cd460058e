-- Number of remarks of an edition by kind. Parameters: edition. Result: kind, count.
SELECT kind, count(*) FROM regions_qualityissue WHERE edition_id = %(edition)s GROUP BY kind;
