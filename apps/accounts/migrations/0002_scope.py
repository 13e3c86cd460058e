"""What row-level security asks: the region codes that this transaction may see.

Unset, empty, `%` or left over from a former transaction (then it reads '') is nothing at all.
"""

from django.db import migrations

SCOPE = """
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
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SCOPE,
            "DROP FUNCTION portal_scope(text); DROP FUNCTION portal_within(text, text[])",
        )
    ]
