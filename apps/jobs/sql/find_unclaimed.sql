-- Jobs that nobody works on: waiting for a worker, or begun by one that is gone.
-- Parameters: lock (class of the jobs' advisory locks), silent (before then: no sign of life).
-- Result: id, kind, queue, since when. Index: jobs_job_unfinished.
-- A long statement gives no sign of life, but its worker holds the job's lock. The function looks as
-- the owner, since whoever watches the house is no person who sees jobs.
SELECT id, kind, queue, since FROM jobs_unclaimed(%(lock)s, %(silent)s)
