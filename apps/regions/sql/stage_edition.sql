-- Makes the tables with which an import begins, where they are missing.
-- Tables: done (finished steps), rows (features as read). Result: none.
CREATE UNLOGGED TABLE IF NOT EXISTS {done} (step text PRIMARY KEY);
CREATE UNLOGGED TABLE IF NOT EXISTS {rows} (
    row_number bigint PRIMARY KEY, code text, name text, line_status text,
    shape geometry(Geometry, 4326), flag text
);
