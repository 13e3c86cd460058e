-- Purpose: the table into which every kind of question is written.
-- Tables: found (made here). Result: table found; conflict_id is set for a stored question.
-- Plan: one table
CREATE UNLOGGED TABLE {found} (
    kind text, pair_id bigint, record_id bigint, person_id bigint, other_person_id bigint,
    village_id text COLLATE "C", field text, ours text, theirs text, conflict_id bigint,
    claim_id bigint
)
