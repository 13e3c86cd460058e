-- Whether the chain has a digest at a position.
-- Parameters: position, digest (hexadecimal). Result: one truth value. Index: audit_seal_pkey.
SELECT EXISTS (
    SELECT FROM audit_seal WHERE position = %(position)s AND digest = decode(%(digest)s, 'hex')
)
