-- Purpose: the table into which every kind of question writes what it finds.
-- Tables: found (made here). Result: table found; conflict_id is filled when it is known already.
-- Plan: one table
CREATE UNLOGGED TABLE {found} (
    kind text, pair_id bigint, record_id bigint, person_id bigint, other_person_id bigint,
    village_id text COLLATE "C", field text, ours text, theirs text, conflict_id bigint,
    claim_id bigint
)
