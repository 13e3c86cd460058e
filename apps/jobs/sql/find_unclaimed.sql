-- Jobs that nobody works on: waiting for a worker, or begun by one that is gone.
-- Parameters: lock (class of the jobs' advisory locks), silent (before then: no sign of life).
-- Result: id, task, queue, since when. Index: jobs_job_unfinished.
-- A long statement gives no sign of life, but its worker holds the job's lock.
SELECT j.id, j.task, j.queue, j.heartbeat_at
  FROM jobs_job AS j
 WHERE j.status = 'waiting'
    OR (j.status = 'running' AND j.heartbeat_at < %(silent)s
        AND NOT EXISTS (
            SELECT FROM pg_locks AS l
             WHERE l.locktype = 'advisory' AND l.classid = %(lock)s AND l.objid = j.id
               AND l.objsubid = 2
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())))
 ORDER BY j.heartbeat_at, j.id
