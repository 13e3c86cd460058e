-- Jobs without a worker: waiting for a worker, or begun by one that is gone.
-- Parameters: lock (class of the jobs' advisory locks), silent (before then: no sign of life).
-- Result: id, kind, queue, since when. Index: jobs_job_unfinished.
-- A long statement gives no heartbeat, but its worker holds the job's lock. The function runs as
-- the owner, because monitoring has no user who may see jobs.
SELECT id, kind, queue, since FROM jobs_unclaimed(%(lock)s, %(silent)s)
