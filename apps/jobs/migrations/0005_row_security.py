"""The second gate for jobs: one's own, and those about the regions in which one sees their work.

Whoever watches the house itself, without a person, gets numbers through a function.
"""

from django.db import migrations

SECURITY = """
ALTER TABLE jobs_job ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON jobs_job TO portal_web
    USING (actor = (SELECT portal_actor()) OR portal_within(region_code, (SELECT portal_scope('job'))))
    WITH CHECK (true);
CREATE POLICY worker_all ON jobs_job TO portal_worker USING (true) WITH CHECK (true);

-- Jobs that nobody works on, whoever asks: kinds and times, nothing of whom they are about.
CREATE FUNCTION jobs_unclaimed(lock_class bigint, silent timestamptz)
    RETURNS TABLE (id bigint, task varchar, queue varchar, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT j.id, j.task, j.queue, j.heartbeat_at
      FROM jobs_job AS j
     WHERE j.status = 'waiting'
        OR (j.status = 'running' AND j.heartbeat_at < silent
            AND NOT EXISTS (
                SELECT FROM pg_locks AS l
                 WHERE l.locktype = 'advisory' AND l.classid::bigint = lock_class
                   AND l.objid::bigint = j.id AND l.objsubid = 2
                   AND l.database = (SELECT oid FROM pg_database
                                      WHERE datname = current_database())))
     ORDER BY j.heartbeat_at, j.id
$$;
REVOKE ALL ON FUNCTION jobs_unclaimed(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs_unclaimed(bigint, timestamptz) TO portal_web, portal_worker;
"""
OPEN = """
DROP FUNCTION jobs_unclaimed(bigint, timestamptz);
DROP POLICY web_scope ON jobs_job;
DROP POLICY worker_all ON jobs_job;
ALTER TABLE jobs_job DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_signs"), ("accounts", "0010_who_asks")]

    operations = [migrations.RunSQL(SECURITY, OPEN)]
