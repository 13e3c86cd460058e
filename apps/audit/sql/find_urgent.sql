-- Whether an entry that is anchored at once was sealed after a position of the chain.
-- Parameters: after (a position), actions. Result: one truth value.
SELECT EXISTS (
    SELECT FROM audit_seal AS s JOIN audit_entry AS e ON e.id = s.entry_id
     WHERE s.position > %(after)s AND e.action = ANY(%(actions)s)
)
