"""The second gate for accounts.

A user sees the own account, and the people of the own regions: who holds or held a grant inside or
above them. An account without a grant is seen by those who may give it one. A user changes the own
account, and the accounts that are the user's to administer. Signing in happens before the user is
known, and finds one account by its name or number through a function.
"""

from django.db import migrations

SQL = """
ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_sees ON accounts_user FOR SELECT TO portal_web USING (
    id = (SELECT portal_user())
    OR 'ID' = ANY ((SELECT portal_scope('people'))::text[])
    OR EXISTS (SELECT FROM accounts_grant g
                WHERE g.user_id = accounts_user.id
                  AND portal_overlaps(g.region_id, (SELECT portal_scope('people'))))
    OR (cardinality((SELECT portal_scope('user'))) > 0
        AND NOT EXISTS (SELECT FROM accounts_grant g WHERE g.user_id = accounts_user.id)));
CREATE POLICY web_makes ON accounts_user FOR INSERT TO portal_web
    WITH CHECK (cardinality((SELECT portal_scope('user'))) > 0);
CREATE POLICY web_changes ON accounts_user FOR UPDATE TO portal_web USING (
    id = (SELECT portal_user())
    OR 'ID' = ANY ((SELECT portal_scope('user'))::text[])
    OR EXISTS (SELECT FROM accounts_grant g
                WHERE g.user_id = accounts_user.id
                  AND portal_within(g.region_id, (SELECT portal_scope('user'))))
    OR (cardinality((SELECT portal_scope('user'))) > 0
        AND NOT EXISTS (SELECT FROM accounts_grant g WHERE g.user_id = accounts_user.id)));
CREATE POLICY worker_all ON accounts_user TO portal_worker USING (true) WITH CHECK (true);

-- One account, by its number (a session knows it) or its name (somebody typed it).
CREATE FUNCTION accounts_find_for_sign_in(number bigint, name text) RETURNS SETOF accounts_user
    LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT u.* FROM accounts_user u WHERE u.id = number
    UNION ALL
    SELECT u.* FROM accounts_user u WHERE number IS NULL AND u.username = name
$$;

-- Whether anybody anywhere has a name, in any case.
CREATE FUNCTION accounts_username_exists(name text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM accounts_user u WHERE upper(u.username) = upper(name))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_guards")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
