-- The last seal of the chain, and the number of entries including those not sealed yet.
-- Parameters: none. Result: position, digest (hexadecimal), entries; no row without a seal.
SELECT s.position, encode(s.digest, 'hex'),
       s.position + (SELECT count(*) FROM audit_entry
                      WHERE id > (SELECT max(entry_id) FROM audit_seal))
  FROM audit_seal AS s
 ORDER BY s.position DESC
 LIMIT 1
