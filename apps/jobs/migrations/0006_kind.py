"""A job names its kind, not a task of the queue."""

from django.db import migrations

DROP = "DROP FUNCTION jobs_unclaimed(bigint, timestamptz);"
# Jobs that nobody works on, whoever asks: kinds and times, nothing of whom they are about.
CREATE = """
CREATE FUNCTION jobs_unclaimed(lock_class bigint, silent timestamptz)
    RETURNS TABLE (id bigint, {name} varchar, queue varchar, since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT j.id, j.{name}, j.queue, j.heartbeat_at
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


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_row_security")]

    operations = [
        migrations.RunSQL(DROP, CREATE.format(name="task")),
        migrations.RenameField("job", "task", "kind"),
        migrations.RunSQL(CREATE.format(name="kind"), DROP),
    ]
