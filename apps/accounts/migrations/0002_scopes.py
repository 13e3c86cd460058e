"""What row-level security asks: the signed-in user, and the region codes this transaction may see.

Unset, empty, `%` or left over from a former transaction (then it reads '') is nothing at all.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION portal_scope(name text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('portal.' || name || '_scope', true), ''),
                                    ','), '{}')
$$;

-- Whether a dotted region code lies inside the codes of a scope. 'ID' is the whole country.
CREATE FUNCTION portal_within(code text, scope text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'ID' = ANY(scope) OR code = ANY(scope)
        OR left(code, 8) = ANY(scope) OR left(code, 5) = ANY(scope) OR left(code, 2) = ANY(scope)
$$;

-- Whether a region lies inside a scope, or holds a part of it.
CREATE FUNCTION portal_overlaps(code text, scope text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT portal_within(code, scope) OR (cardinality(scope) > 0 AND code = 'ID')
        OR EXISTS (SELECT FROM unnest(scope) AS s (code)
                    WHERE portal_overlaps.code IN (left(s.code, 2), left(s.code, 5), left(s.code, 8)))
$$;

-- The number of the signed-in user; nothing for visitors, agencies and transactions without a gate.
CREATE FUNCTION portal_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT substring(current_setting('portal.actor', true) FROM '^user:([0-9]+)$')::bigint
$$;

-- `user:12`, as entries and jobs name who acts; nothing for visitors, who are one to all of them.
CREATE FUNCTION portal_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT substring(current_setting('portal.actor', true) FROM '^(?:user|agency):[0-9]+$')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
