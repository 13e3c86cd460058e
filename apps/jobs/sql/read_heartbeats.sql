-- The last heartbeat of each background process, and the database's clock.
-- Parameters: lock (class of the jobs' advisory locks).
-- Result: name, at, now. A queue whose worker holds a running job's lock counts as alive now: a
-- long statement delays its heartbeat. Index: jobs_heartbeat_pkey, jobs_job_unfinished.
SELECT s.name,
       CASE WHEN b.queue IS NULL THEN s.at ELSE statement_timestamp() END,
       statement_timestamp()
  FROM jobs_heartbeat AS s
  LEFT JOIN (
        SELECT DISTINCT j.queue
          FROM jobs_job AS j
          JOIN pg_locks AS l ON l.locktype = 'advisory' AND l.classid = %(lock)s
               AND l.objid = j.id AND l.objsubid = 2 AND l.granted
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         WHERE j.status = 'running') AS b ON s.name = 'queue:' || b.queue
 ORDER BY s.name
