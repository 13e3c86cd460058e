-- Makes and updates responders from checked rows. An empty cell changes nothing.
--
-- Parameters: now. Tables: checked.
-- Result: how many were changed, how many are new. A responder is known by kind and phone, else by
--   the reference.
-- Plan: by rows
WITH known AS MATERIALIZED (
    SELECT DISTINCT ON (c.row_number) c.row_number, r.id
      FROM {checked} AS c
      JOIN commandcentre_responder AS r
        ON (r.kind = c.kind AND r.phone = c.phone) OR r.reference = c.reference
     ORDER BY c.row_number, r.kind = c.kind AND r.phone = c.phone DESC, r.id
), once AS (  -- of several rows that mean one responder the first
    SELECT DISTINCT ON (id) id, row_number FROM known ORDER BY id, row_number
), wanted AS (
    SELECT r.id, coalesce(c.reference, r.reference) AS reference, c.name, c.kind, c.village_id,
           CASE WHEN c.location IS NULL AND r.village_id = c.village_id THEN r.location
                ELSE c.location END AS location,
           c.phone, coalesce(c.active, r.is_active) AS is_active
      FROM once JOIN {checked} AS c USING (row_number)
      JOIN commandcentre_responder AS r USING (id)
), changed AS (
    UPDATE commandcentre_responder AS r
       SET reference = w.reference, name = w.name, kind = w.kind, village_id = w.village_id,
           location = w.location, phone = w.phone, is_active = w.is_active, updated_at = %(now)s
      FROM wanted AS w
     WHERE r.id = w.id
       AND ((r.reference, r.name, r.kind, r.village_id, r.phone, r.is_active)
            IS DISTINCT FROM
            (w.reference, w.name, w.kind, w.village_id, w.phone, w.is_active)
            OR (r.location IS NULL) <> (w.location IS NULL)
            OR NOT coalesce(ST_Equals(r.location, w.location), true))
    RETURNING r.id
), new AS (
    INSERT INTO commandcentre_responder (reference, name, kind, village_id, location, phone,
                                         is_active, updated_at)
    SELECT coalesce(c.reference, ''), c.name, c.kind, c.village_id, c.location, c.phone,
           coalesce(c.active, true), %(now)s
      FROM {checked} AS c
     WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.row_number = c.row_number)
     ORDER BY c.row_number
    RETURNING id
)
SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM new)
