"""A job is seen by the one who asked for it and by those whose scope holds its region."""

from django.db import migrations

SQL = """
ALTER TABLE jobs_job ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON jobs_job TO portal_web
    USING (actor = (SELECT portal_actor()) OR portal_within(region_code, (SELECT portal_scope('job'))))
    WITH CHECK (true);
CREATE POLICY worker_all ON jobs_job TO portal_worker USING (true) WITH CHECK (true);

CREATE FUNCTION jobs_unclaimed(lock_class bigint, silent timestamptz)
    RETURNS TABLE (id bigint, kind varchar, queue varchar, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT j.id, j.kind, j.queue, j.heartbeat_at
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
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("jobs", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
