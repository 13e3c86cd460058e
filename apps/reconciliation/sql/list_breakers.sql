-- What a circuit breaker looks at, over the pairs that are joined.
-- In: pairing, within (of a register with itself the joined records are counted, else 0).
-- Out: most pairs on one left record, most on one right record, records that are
-- joined (either side), pairs whose NIK agrees and nothing else does, pairs whose NIK agrees.
-- Cost: hash aggregates.
WITH joined AS MATERIALIZED (
    SELECT left_id, right_id FROM reconciliation_candidate
    WHERE pairing_id = %(pairing)s AND until IS NULL AND standing IN ('linked', 'same')
)
SELECT coalesce((SELECT max(n) FROM (SELECT count(*) n FROM joined GROUP BY left_id) a), 0),
       coalesce((SELECT max(n) FROM (SELECT count(*) n FROM joined GROUP BY right_id) b), 0),
       CASE WHEN %(within)s THEN
           (SELECT count(*) FROM (SELECT left_id FROM joined UNION SELECT right_id FROM joined) c)
       ELSE 0 END,
       (SELECT count(*) FROM reconciliation_candidate
        WHERE pairing_id = %(pairing)s AND until IS NULL AND basis = 'nik_alone'),
       (SELECT count(*) FROM reconciliation_candidate
        WHERE pairing_id = %(pairing)s AND until IS NULL AND levels[1] = 2)
