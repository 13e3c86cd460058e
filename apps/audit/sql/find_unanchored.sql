-- Whether an entry that is anchored at once is newer than the last seal.
-- Parameters: actions. Result: one truth value.
SELECT EXISTS (
    SELECT FROM audit_entry
     WHERE action = ANY(%(actions)s)
       AND id > coalesce((SELECT max(entry_id) FROM audit_seal), 0)
)
