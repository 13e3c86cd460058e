"""A notice whose cause was undone is withdrawn: taken off its count, or deleted."""

from django.db import migrations

SQL = """
-- What was told at `told_at` and is unread is taken off the count of its notice; a notice of nothing
-- is deleted. If a notice of the kind and subject was read since then, it was that one, and the
-- unread one is about later events. Locks: the notices in the order of their users.
CREATE FUNCTION casework_withdraw_notices(users bigint[], counts integer[], kind text,
                                          subject text, told_at timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH unread AS MATERIALIZED (
        SELECT n.id, n.count - u.count AS left_over
          FROM unnest(users, counts) AS u (id, count)
          JOIN casework_notice n ON n.user_id = u.id AND n.read_at IS NULL
                                AND n.kind = casework_withdraw_notices.kind
                                AND n.subject = casework_withdraw_notices.subject
         WHERE NOT EXISTS (SELECT FROM casework_notice r
                            WHERE r.user_id = n.user_id AND r.kind = n.kind
                              AND r.subject = n.subject AND r.read_at >= told_at)
         ORDER BY n.user_id
           FOR UPDATE OF n
    ), lessened AS (
        UPDATE casework_notice n SET count = u.left_over
          FROM unread u WHERE n.id = u.id AND u.left_over > 0
    )
    DELETE FROM casework_notice n USING unread u WHERE n.id = u.id AND u.left_over <= 0
$$;
"""
REVERSE = """
DROP FUNCTION casework_withdraw_notices(bigint[], integer[], text, text, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0009_host_notices")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
