-- About how many different values the columns of an analysed table hold (exact up to 30,000 rows).
-- Parameters: schema, name (of the table), rows. Result: column, different values.
SELECT attname::text,
       round(CASE WHEN n_distinct < 0 THEN -n_distinct * %(rows)s ELSE n_distinct END)::bigint
  FROM pg_stats WHERE schemaname = %(schema)s AND tablename = %(name)s
