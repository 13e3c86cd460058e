-- Ends the polygons that an edition replaces: those of its regions, and of all regions of its
-- levels
-- in the area that it covers. Parameters: edition, covers. Result: none.
UPDATE regions_boundary AS b SET is_current = false
WHERE b.is_current AND b.edition_id <> %(edition)s AND (
    EXISTS (SELECT FROM regions_boundary AS o
            WHERE o.edition_id = %(edition)s AND o.region_id = b.region_id)
    OR (%(covers)s <> '' AND (%(covers)s = 'ID' OR starts_with(b.region_id, %(covers)s))
        AND length(b.region_id) IN (
            SELECT length(o.region_id) FROM regions_boundary AS o
            WHERE o.edition_id = %(edition)s))
);
