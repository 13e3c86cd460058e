"""Documents belong to the files of their region, notices to their user."""

from django.db import migrations

SQL = """
ALTER TABLE casework_document ENABLE ROW LEVEL SECURITY;
-- a village's paper belongs to the files of its rows
CREATE POLICY web_scope ON casework_document TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('batch'))));
CREATE POLICY worker_all ON casework_document TO portal_worker
                USING (true) WITH CHECK (true);

ALTER TABLE casework_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON casework_notice TO portal_web USING (user_id = (SELECT portal_user()));
CREATE POLICY worker_all ON casework_notice TO portal_worker USING (true) WITH CHECK (true);

-- One unread notice for each user, kind and subject; more of the same adds to its count.
-- Locks: the notices in the order of their users.
CREATE FUNCTION casework_store_notices(users bigint[], counts integer[], kind text, subject text, url text,
                              params jsonb, at timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO casework_notice (user_id, kind, subject, count, params, url, at)
    SELECT u.id, casework_store_notices.kind, casework_store_notices.subject, u.count, casework_store_notices.params,
           casework_store_notices.url, casework_store_notices.at
      FROM unnest(users, counts) AS u (id, count)
     ORDER BY u.id
        ON CONFLICT (user_id, kind, subject) WHERE read_at IS NULL
        DO UPDATE SET count = casework_notice.count + excluded.count, params = excluded.params,
                      url = excluded.url, at = excluded.at, mailed_at = NULL
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("casework", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
