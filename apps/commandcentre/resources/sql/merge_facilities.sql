-- Makes and updates facilities from checked rows. An empty cell changes nothing.
--
-- Parameters: now. Tables: checked.
-- Result: how many were changed, how many are new. A facility is known by its reference, else (where
--   the file or the facility has none) by kind, name and village, of several the nearest one; in no
--   village by kind, name and point.
-- Plan: by rows
WITH known AS MATERIALIZED (
    SELECT c.row_number, f.id, f.reference IS NOT DISTINCT FROM c.reference AS is_by_reference,
           ST_Distance(f.location, c.location) AS degrees
      FROM {checked} AS c
      JOIN commandcentre_facility AS f
        ON f.reference = c.reference
        OR (f.kind = c.kind AND lower(f.name) = lower(c.name)
            AND (f.village_id = c.village_id
                 OR (f.village_id IS NULL AND c.village_id IS NULL
                     AND ST_Equals(f.location, c.location)))
            AND (c.address IS NULL OR f.address IN ('', c.address))
            AND (c.reference IS NULL OR f.reference = ''))
), nearest AS (  -- for a row one facility
    SELECT DISTINCT ON (row_number) * FROM known
     ORDER BY row_number, is_by_reference DESC, degrees, id
), once AS (  -- and for a facility one row; the other rows are new ones
    SELECT DISTINCT ON (id) id, row_number FROM nearest
     ORDER BY id, is_by_reference DESC, degrees, row_number
), wanted AS (
    SELECT f.id, coalesce(c.reference, f.reference) AS reference, c.name, c.kind,
           CASE WHEN c.is_estimated THEN f.location ELSE c.location END AS location,
           f.is_estimated AND c.is_estimated AS is_estimated,
           CASE WHEN c.is_estimated THEN f.village_id ELSE c.village_id END AS village_id,
           coalesce(c.address, f.address) AS address, coalesce(c.office, f.office) AS office,
           coalesce(c.phone, f.phone) AS phone, coalesce(c.active, f.is_active) AS is_active
      FROM once JOIN {checked} AS c USING (row_number)
      JOIN commandcentre_facility AS f USING (id)
), changed AS (
    UPDATE commandcentre_facility AS f
       SET reference = w.reference, name = w.name, kind = w.kind, location = w.location,
           is_estimated = w.is_estimated, village_id = w.village_id, address = w.address,
           office = w.office, phone = w.phone, is_active = w.is_active, updated_at = %(now)s
      FROM wanted AS w
     WHERE f.id = w.id
       AND ((f.reference, f.name, f.kind, f.is_estimated, f.address, f.office, f.phone, f.is_active)
            IS DISTINCT FROM
            (w.reference, w.name, w.kind, w.is_estimated, w.address, w.office, w.phone, w.is_active)
            OR f.village_id IS DISTINCT FROM w.village_id
            OR NOT ST_Equals(f.location, w.location))
    RETURNING f.id
), new AS (
    INSERT INTO commandcentre_facility (reference, name, kind, location, is_estimated, village_id,
                                        address, office, phone, is_active, updated_at)
    SELECT coalesce(c.reference, ''), c.name, c.kind, c.location, c.is_estimated, c.village_id,
           coalesce(c.address, ''), coalesce(c.office, ''), coalesce(c.phone, ''),
           coalesce(c.active, true), %(now)s
      FROM {checked} AS c
     WHERE NOT EXISTS (SELECT FROM once AS o WHERE o.row_number = c.row_number)
     ORDER BY c.row_number
    RETURNING id
)
SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM new)
