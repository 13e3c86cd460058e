"""Which user asks, for the policies of tables that hold somebody's own rows; and the second gate for
accounts.

One sees oneself, and the people of one's regions: who holds or held a grant inside or above them,
for nobody else can have acted there. An account without a grant is seen by whoever may give it one.
One changes oneself, and the accounts that one administers. Signing in happens before anybody is
known, and finds one account by its name or number through a function.
"""

from django.db import migrations

USER = """
-- The number of the signed-in user; nothing for visitors, agencies and transactions without a gate.
CREATE FUNCTION portal_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT substring(current_setting('portal.actor', true) FROM '^user:([0-9]+)$')::bigint
$$;

-- `user:12`, as entries and jobs name who acts; nothing for visitors, who are one to all of them.
CREATE FUNCTION portal_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT substring(current_setting('portal.actor', true) FROM '^(?:user|agency):[0-9]+$')
$$;
"""

ACCOUNTS = """
-- Whether a region lies inside a scope, or holds a part of it.
CREATE FUNCTION portal_meets(code text, scope text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT portal_within(code, scope) OR (cardinality(scope) > 0 AND code = 'ID')
        OR EXISTS (SELECT FROM unnest(scope) AS s (code)
                    WHERE portal_meets.code IN (left(s.code, 2), left(s.code, 5), left(s.code, 8)))
$$;

ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_sees ON accounts_user FOR SELECT TO portal_web USING (
    id = (SELECT portal_user())
    OR 'ID' = ANY ((SELECT portal_scope('people'))::text[])
    OR EXISTS (SELECT FROM accounts_grant g
                WHERE g.user_id = accounts_user.id
                  AND portal_meets(g.region_id, (SELECT portal_scope('people'))))
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
CREATE FUNCTION accounts_at_the_door(number bigint, name text) RETURNS SETOF accounts_user
    LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT u.* FROM accounts_user u WHERE u.id = number
    UNION ALL
    SELECT u.* FROM accounts_user u WHERE number IS NULL AND u.username = name
$$;

-- Whether anybody anywhere has a name, in any case.
CREATE FUNCTION accounts_is_taken(name text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM accounts_user u WHERE upper(u.username) = upper(name))
$$;
REVOKE ALL ON FUNCTION accounts_at_the_door(bigint, text), accounts_is_taken(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_at_the_door(bigint, text), accounts_is_taken(text)
    TO portal_web, portal_worker;
"""
OPEN = """
DROP FUNCTION accounts_at_the_door(bigint, text);
DROP FUNCTION accounts_is_taken(text);
DROP POLICY web_sees ON accounts_user;
DROP POLICY web_makes ON accounts_user;
DROP POLICY web_changes ON accounts_user;
DROP POLICY worker_all ON accounts_user;
ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY;
DROP FUNCTION portal_meets(text, text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_two_hands")]

    operations = [
        migrations.RunSQL(USER, "DROP FUNCTION portal_user(); DROP FUNCTION portal_actor()"),
        migrations.RunSQL(ACCOUNTS, OPEN),
    ]
