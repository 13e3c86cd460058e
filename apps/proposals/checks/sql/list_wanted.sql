-- Makes the table of the proposals that are compared with the register.
-- Parameters: ids. Tables: wanted (is made: id). Result: none.
-- Plan: one table
CREATE UNLOGGED TABLE {wanted} AS SELECT unnest(%(ids)s::bigint[]) AS id
