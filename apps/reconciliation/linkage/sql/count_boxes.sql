-- The box of each record of the left side: exactly one, so that the boxes add up.
-- In: pairing, source, number (the left delivery), within (a record counts on either side of a pair).
-- Out: records, by_nik, linked, in_review.
-- Cost: hash aggregate over the pairs, one pass over the records of the source.
WITH side AS (
    SELECT left_id AS id, status, basis FROM reconciliation_pair
    WHERE pairing_id = %(pairing)s AND until IS NULL
    UNION ALL
    SELECT right_id, status, basis FROM reconciliation_pair
    WHERE %(within)s AND pairing_id = %(pairing)s AND until IS NULL
), best AS (
    SELECT id,
           max(CASE
               WHEN status IN ('linked', 'same') AND basis = 'nik' THEN 3
               WHEN status IN ('linked', 'same') THEN 2
               WHEN status IN ('review', 'unsure') THEN 1
               ELSE 0
           END) AS box
    FROM side
    GROUP BY id
)
SELECT (SELECT count(*) FROM reconciliation_record
        WHERE source_id = %(source)s AND number <= %(number)s
          AND (until IS NULL OR until > %(number)s)),
       count(*) FILTER (WHERE box = 3),
       count(*) FILTER (WHERE box = 2),
       count(*) FILTER (WHERE box = 1)
FROM best
