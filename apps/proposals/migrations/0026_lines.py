"""How many lines of its file stand above a batch's rows, for whoever sees a row but not its file."""

from django.db import migrations

# The positive list is that of proposals.lines.
LINES_ABOVE = """
CREATE FUNCTION proposals_lines_above(batch bigint) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN split_part(b.file_kind, '+', 1) IN ('csv', 'xlsx') THEN b.header_line ELSE 0
           END
      FROM proposals_batch b WHERE b.id = $1
$$;
REVOKE ALL ON FUNCTION proposals_lines_above(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_lines_above(bigint) TO portal_web, portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0025_dropped_security")]

    operations = [
        migrations.RunSQL(LINES_ABOVE, "DROP FUNCTION proposals_lines_above(bigint)"),
    ]
