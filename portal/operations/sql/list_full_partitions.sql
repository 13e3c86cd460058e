-- Which of these batches have a partition in staging that holds rows.
-- Parameters: numbers. Result: number.
SELECT n
  FROM unnest(%(numbers)s::bigint[]) AS n
 WHERE pg_relation_size(to_regclass('staging.partition_' || n)) > 0
 ORDER BY n
