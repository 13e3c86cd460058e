"""The second gate for notices: each person's own. Others' are written through one function."""

from django.db import migrations

SECURITY = """
ALTER TABLE casework_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON casework_notice TO portal_web USING (user_id = (SELECT portal_user()));
CREATE POLICY worker_all ON casework_notice TO portal_worker USING (true) WITH CHECK (true);

-- a village's paper belongs to the files of its rows
ALTER POLICY web_scope ON casework_document
    USING (portal_within(region_id, (SELECT portal_scope('batch'))));

-- One unread notice for each user, kind and subject; more of the same adds to its count.
-- Locks: the notices in the order of their users.
CREATE FUNCTION casework_tell(users bigint[], counts integer[], kind text, subject text, url text,
                              params jsonb, at timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO casework_notice (user_id, kind, subject, count, params, url, at)
    SELECT u.id, casework_tell.kind, casework_tell.subject, u.count, casework_tell.params,
           casework_tell.url, casework_tell.at
      FROM unnest(users, counts) AS u (id, count)
     ORDER BY u.id
        ON CONFLICT (user_id, kind, subject) WHERE read_at IS NULL
        DO UPDATE SET count = casework_notice.count + excluded.count, params = excluded.params,
                      url = excluded.url, at = excluded.at, mailed_at = NULL
$$;
REVOKE ALL ON FUNCTION casework_tell(bigint[], integer[], text, text, text, jsonb, timestamptz)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_tell(bigint[], integer[], text, text, text, jsonb, timestamptz)
    TO portal_web, portal_worker;
"""
OPEN = """
DROP FUNCTION casework_tell(bigint[], integer[], text, text, text, jsonb, timestamptz);
DROP POLICY web_own ON casework_notice;
DROP POLICY worker_all ON casework_notice;
ALTER POLICY web_scope ON casework_document
    USING (portal_within(region_id, (SELECT portal_scope('proposal'))));
ALTER TABLE casework_notice DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0007_much_reading"), ("accounts", "0010_who_asks")]

    operations = [migrations.RunSQL(SECURITY, OPEN)]
